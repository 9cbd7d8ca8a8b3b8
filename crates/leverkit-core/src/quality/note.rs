//! Notes on what is plainly odd in a file: what it is, how many rows and how much money, and what to do.

use serde::{Deserialize, Serialize};

use crate::words::counted;

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoteKind {
    /// A quantity below zero with an amount above: treated as a return of the amount.
    SignTurned,
    /// A discount that is negative throughout: taken by magnitude.
    DiscountTurned,
    /// A watched column has a status that is probably not a sale.
    Status,
    /// A watched column has several currencies.
    Currency,
    /// A watched column has several values.
    Watched,
    /// Negative lines that lower an order without being returns of goods.
    Deduction,
    /// A discount with both signs.
    DiscountMixed,
    /// An id is a text that probably means "no id".
    MissingText,
    /// Ids that are one after trimming and case-folding.
    SameIds,
    /// Ids that are one as numbers, such as 007 and 7.
    SameNumbers,
    /// Ids that are one but for letters of another alphabet that look alike.
    LookAlikes,
    /// Ids of which a spreadsheet has kept the first digits alone.
    ShortenedIds,
    /// An id that is called as sums are.
    Total,
    /// A customer id that many people seem to share.
    SharedCustomer,
    /// Order ids that cover all of a customer's life.
    SharedOrder,
    /// The amount of a line seems to be the order's.
    RepeatedTotal,
    /// Lines that equal another in all columns that play a role.
    Duplicate,
    /// Amounts a thousand times as large as usual.
    HugeAmount,
    /// Quantities a thousand times as large as usual.
    HugeQuantity,
    /// Lines more than ten years before or after the others.
    FarDay,
    /// Lines of a day that often means an unknown date.
    PlaceholderDay,
    /// The first month has only its last days.
    PartialFirstMonth,
    /// The last month has only its first days.
    PartialLastMonth,
    /// The last day holds far fewer lines than its weekday does.
    PartialLastDay,
}

impl NoteKind {
    /// Whether it tells of the input's rows, so that the ledger's lines do not show it any more.
    pub(crate) fn is_of_input(self) -> bool {
        matches!(self, Self::SignTurned | Self::DiscountTurned | Self::Status | Self::Currency | Self::Watched)
    }

    /// Whether its rows add up over parts of the customers.
    pub(crate) fn adds_up(self) -> bool {
        matches!(self, Self::SignTurned | Self::Deduction | Self::Duplicate)
    }

    /// What it is about, in a few words.
    pub fn label(self) -> &'static str {
        match self {
            Self::SignTurned => "negative quantity with a positive amount, treated as a return",
            Self::DiscountTurned => "discount negative throughout, taken by magnitude",
            Self::Status => "status that is probably not a sale",
            Self::Currency => "one of several currencies",
            Self::Watched => "value of a column without a role",
            Self::Deduction => "discount or gift-card lines, not returns",
            Self::DiscountMixed => "discount with both signs",
            Self::MissingText => "id that may mean that there is none",
            Self::SameIds => "ids that are one after trimming and case-folding",
            Self::SameNumbers => "ids that are one as numbers",
            Self::LookAlikes => "ids that are one but for letters that look alike",
            Self::ShortenedIds => "ids that a spreadsheet has cut",
            Self::Total => "id that seems to stand for a sum",
            Self::SharedCustomer => "customer id that many seem to share",
            Self::SharedOrder => "order id that covers all of a customer's lines",
            Self::RepeatedTotal => "amount that seems to be the order's on each of its lines",
            Self::Duplicate => "exact duplicate lines",
            Self::HugeAmount => "amounts more than 1,000 times the median",
            Self::HugeQuantity => "quantities more than 1,000 times the median",
            Self::FarDay => "lines ten years apart from the others",
            Self::PlaceholderDay => "day that often means an unknown date",
            Self::PartialFirstMonth => "first month with only its last days",
            Self::PartialLastMonth => "last month with only its first days",
            Self::PartialLastDay => "last day that seems incomplete",
        }
    }
}

/// Something odd in the rows, told once with its size.
///
/// ```
/// use leverkit_core::{Ledger, NoteKind, Roles, batch};
/// let lines = batch!("c" => ["ann", "Ann "], "t" => ["2024-01-05", "2024-01-06"], "a" => [20.0, 15.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let note = ledger.quality().notes.iter().find(|note| note.kind == NoteKind::SameIds).unwrap();
/// assert_eq!(note.kind.label(), "ids that are one after trimming and case-folding");
/// assert!(note.text().starts_with("2 ids are one after trimming and case-folding"));
/// assert_eq!(note.advice(), r#"if they are one, set clean={"customer": ["trim", "casefold"]}"#);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QualityNote {
    /// What it is about.
    pub kind: NoteKind,
    /// The role, such as `customer`; `watched` for a column without one, empty where it is the whole line.
    pub role: String,
    /// The column; empty where it is the whole line.
    pub column: String,
    /// The value, or one of them, as text.
    pub value: Option<String>,
    /// How many rows.
    pub rows: u64,
    /// Their money; `None` where that says nothing.
    #[serde(with = "crate::exact::money")]
    pub money: Option<f64>,
    /// How many it is about beside rows: ids, orders, days, currencies, by its kind; else 0.
    pub count: u64,
    /// Of how many, or how many these become, by its kind; else 0.
    pub of: u64,
}

impl QualityNote {
    /// A note of so many rows with their money.
    pub(crate) fn new(kind: NoteKind, (role, column): (&str, &str), rows: u64, money: Option<f64>) -> Self {
        Self { kind, role: role.into(), column: column.into(), value: None, rows, money, count: 0, of: 0 }
    }

    pub(crate) fn with_value(self, value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..self }
    }

    pub(crate) fn with_counts(self, count: u64, of: u64) -> Self {
        Self { count, of, ..self }
    }

    /// Whether another note is about the same, of other rows.
    pub(crate) fn is_about_what(&self, other: &Self) -> bool {
        (self.kind, &self.role, &self.column, &self.value) == (other.kind, &other.role, &other.column, &other.value)
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.money = self.money.zip(other.money).map(|(money, more)| money + more);
        (self.count, self.of) = (self.count.max(other.count), self.of.max(other.of));
    }

    /// What there is, in a sentence without its full stop.
    pub fn text(&self) -> String {
        let Self { role, column, count, of, .. } = self;
        let (rows, lines, value) = (self.sized("row"), self.sized("line"), self.value.as_deref().unwrap_or_default());
        match self.kind {
            NoteKind::SignTurned => format!("{rows} with a quantity below 0 and an amount above: treated as returns"),
            NoteKind::DiscountTurned => format!("the discount {column:?} is never above 0, {rows}: taken by magnitude"),
            NoteKind::Status | NoteKind::Watched => format!("{rows} with {column} = {value:?}"),
            NoteKind::Currency => format!("{rows} with {column} = {value:?}, one of {count} currencies"),
            NoteKind::Deduction => format!(
                "{lines} below 0 beside the sales of an order, without goods that are sold in it: taken as discounts or gift cards, not as returns"
            ),
            NoteKind::DiscountMixed => {
                format!("the discount {column:?} has both signs among the sales: {} below 0, {count} above", self.rows)
            }
            NoteKind::MissingText => format!("{rows} with the {role} {value:?}"),
            NoteKind::SameIds | NoteKind::SameNumbers | NoteKind::LookAlikes => {
                let how = match self.kind {
                    NoteKind::SameIds => "after trimming and case-folding",
                    NoteKind::SameNumbers => "as numbers",
                    _ => "but for letters that look alike",
                };
                match of {
                    1 => format!("{count} ids are one {how}, {rows} with {column}: {value}"),
                    _ => format!("{count} ids are {of} {how}, {rows} with {column}, such as {value}"),
                }
            }
            NoteKind::ShortenedIds => format!("{rows} with ids cut by a spreadsheet in {column}, such as {value}"),
            NoteKind::Total => format!("the {role} {value:?} is called as sums are, {lines}"),
            NoteKind::SharedCustomer => format!("the customer {value:?} has {count} of {of} orders, {lines}"),
            NoteKind::SharedOrder => {
                format!("{count} of {of} customers who come on several days have one order id for all of them, {lines}")
            }
            NoteKind::RepeatedTotal => {
                format!("in {count} of {of} orders with several lines all lines have the same amount, {lines}")
            }
            NoteKind::Duplicate => format!("{lines} equal to another in all columns that play a role"),
            NoteKind::HugeAmount | NoteKind::HugeQuantity => {
                format!("{lines} with the {role} more than 1,000 times its median, the largest {value}")
            }
            NoteKind::FarDay => format!("{lines} more than ten years apart from all others: {value}"),
            NoteKind::PlaceholderDay => format!("{lines} of {value}"),
            NoteKind::PartialFirstMonth => {
                format!("the first month, {value}, has lines on its last {count} of {of} days alone: {lines}")
            }
            NoteKind::PartialLastMonth => {
                format!("the last month, {value}, has lines on its first {count} of {of} days alone: {lines}")
            }
            NoteKind::PartialLastDay => {
                format!(
                    "the last day, {value}, has {lines}; the same weekday had at least {count} in the four weeks before"
                )
            }
        }
    }

    /// What to do about it, in a sentence without its full stop.
    pub fn advice(&self) -> String {
        let Self { role, column, .. } = self;
        let (value, id) = (self.value.as_deref().unwrap_or_default(), self.id_key());
        match self.kind {
            NoteKind::SignTurned => "if they are not returns, correct the sign of the quantity".into(),
            NoteKind::DiscountTurned => "nothing to do if it is a discount; a surcharge is not one".into(),
            NoteKind::Status => "if they are not sales, leave these rows out".into(),
            NoteKind::Currency => "convert the amounts into one currency, or keep the rows of one".into(),
            NoteKind::Watched => "if some of them are not sales, or in another currency, leave these rows out".into(),
            NoteKind::Deduction => "if goods came back, give the line a negative quantity or the product".into(),
            NoteKind::DiscountMixed => "a discount is money above 0: correct the sign of one kind".into(),
            NoteKind::MissingText => format!("if that means missing, set clean={{\"missing\": {{{id:?}: [{value:?}]}}}}"),
            NoteKind::SameIds => format!("if they are one, set clean={{{id:?}: [\"trim\", \"casefold\"]}}"),
            NoteKind::SameNumbers => format!("if they are one, set clean={{{id:?}: [\"number\"]}}"),
            NoteKind::LookAlikes => "write them in one alphabet".into(),
            NoteKind::ShortenedIds => "ids that differ in their last digits are one: export them as text".into(),
            NoteKind::Total if self.role == "customer" => {
                format!("if it is a sum of other rows, set clean={{\"missing\": {{\"customer\": [{value:?}]}}}}: else its money counts twice")
            }
            NoteKind::Total => "if it is a sum of other rows, leave it out: else its money counts twice".into(),
            NoteKind::SharedCustomer => {
                format!("if it stands for guests, set clean={{\"missing\": {{\"customer\": [{value:?}]}}}}: as one customer they distort every number per customer")
            }
            NoteKind::SharedOrder => {
                format!("{column:?} is hardly the id of an order: leave the role out, and the lines of a day are one order")
            }
            NoteKind::RepeatedTotal => format!("if {column:?} is the order's total, give the money of the line, or price and quantity"),
            NoteKind::Duplicate => "if they are copies, set clean={\"duplicates\": \"drop\"}".into(),
            NoteKind::HugeAmount | NoteKind::HugeQuantity => {
                format!("look for another unit or currency, or a slipped decimal mark, in the {role}")
            }
            NoteKind::FarDay | NoteKind::PlaceholderDay => {
                "if it stands for an unknown date, leave these rows out: the ledger's first and last day determine tenure and recency".into()
            }
            NoteKind::PartialFirstMonth => "leave it out of what is compared by month: between(start=…)".into(),
            NoteKind::PartialLastMonth | NoteKind::PartialLastDay => {
                "if the data end before it does, leave it out of what is compared over time: between(end=…)".into()
            }
        }
    }

    /// The key under which `clean` has the ids: the role, or a dimension's column.
    fn id_key(&self) -> &str {
        if self.role == "dimensions" { &self.column } else { &self.role }
    }

    /// How many rows or lines, with their money.
    fn sized(&self, unit: &str) -> String {
        let money = self.money.map_or_else(String::new, |money| format!(" ({money:.2})"));
        format!("{}{money}", counted(self.rows, unit, &format!("{unit}s")))
    }
}
