//! The ledger's tables as record batches: the lines themselves, the quality table, the rejected rows.

use arrow_array::{RecordBatch, TimestampMicrosecondArray};

use crate::frames::{each, finite};
use crate::ledger::{Codes, Ledger};
use crate::left_out::Reason;
use crate::quality::QualityNote;
use crate::{Column, Error, Table, batch};

impl Ledger {
    /// The lines in customer and time order, under the names they came with, so that the ledger's roles fit the table.
    /// Times are local; an amount made of price and quantity is the column `amount`; numbers that are not known are null.
    ///
    /// # Errors
    /// [`Error::Arrow`] where the dictionaries cannot be laid out.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, Table, batch};
    /// # let lines = batch!("c" => [2, 1], "t" => ["2024-01-01", "2024-01-05"], "a" => [1.0, 2.0])?;
    /// # let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// assert_eq!(Table::from(ledger.to_batch()?).columns()[0].texts(), [Some("1".into()), Some("2".into())]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        self.columns_of(|_| true)?.to_batch()
    }

    /// Those columns of [`Self::to_batch`] whose names are wanted; the others are not laid out.
    ///
    /// # Errors
    /// As [`Self::to_batch`].
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch};
    /// # let lines = batch!("c" => [1, 1], "t" => ["2024-01-01", "2024-01-05"], "a" => [1.0, 2.0])?;
    /// # let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// let amounts = ledger.columns_of(|name| name == "a")?;
    /// assert_eq!((amounts.rows(), amounts.columns().len()), (2, 1));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn columns_of(&self, wanted: impl Fn(&str) -> bool) -> Result<Table, Error> {
        let roles = &self.roles;
        let mut columns: Vec<Column> = Vec::new();
        let mut push = |name: Option<&str>, make: &dyn Fn() -> Result<Column, Error>| {
            let name = name.unwrap_or("amount");
            // A column may have several roles; it is there once.
            let is_new = columns.iter().all(|column| column.name() != name);
            columns.extend((is_new && wanted(name)).then(|| Ok::<_, Error>(make()?.renamed(name))).transpose()?);
            Ok::<_, Error>(())
        };
        push(Some(&roles.customer), &|| self.customer_column())?;
        push(Some(&roles.time), &|| Ok(self.time_column()))?;
        push(roles.amount.as_deref(), &|| Ok(Column::new("amount", self.amounts())))?;
        if let (Some(name), Some(ids)) = (&roles.order, self.all_order_ids()?) {
            push(Some(name), &|| ids.take(&self.order_places()))?;
        }
        let coded = |codes: &Codes| codes.dictionary.values().take(&codes.codes);
        if let (Some(name), Some(products)) = (&roles.product, self.products()) {
            push(Some(name), &|| coded(products))?;
        }
        for dimension in self.dimensions().iter().filter(|dimension| roles.product.as_ref() != Some(&dimension.name)) {
            push(Some(&dimension.name), &|| coded(&dimension.values))?;
        }
        let optional = [
            (&roles.quantity, self.quantities()),
            (&roles.list_price, self.list_prices()),
            (&roles.unit_cost, self.unit_costs()),
        ];
        for (name, values) in optional.into_iter().filter_map(|(name, values)| Some((name, values?))) {
            push(name.as_deref(), &|| Ok(known(values)))?;
        }
        for ((_, column), discount) in roles.discounts.iter().zip(self.discounts()) {
            push(Some(column), &|| Ok(known(&discount.values)))?;
        }
        Table::new(columns)
    }

    fn customer_column(&self) -> Result<Column, Error> {
        let offsets = self.offsets();
        let codes: Vec<u32> = (0..self.n_customers())
            .flat_map(|customer| {
                std::iter::repeat_n(customer as u32, (offsets[customer + 1] - offsets[customer]) as usize)
            })
            .collect();
        self.customers().values().take(&codes)
    }

    fn time_column(&self) -> Column {
        match self.micros() {
            Some(micros) => Column::new("time", TimestampMicrosecondArray::from(micros.to_vec())),
            None => Column::new("time", self.days()),
        }
    }

    /// What became of the input rows: one row for those kept, one for each reason and column for those set aside,
    /// and notes on returns and unknown values among the kept, and on what is odd in the rows.
    ///
    /// Columns: `status` (kept, rejected, dropped, note), `reason`, `role`, `column`, `rows`, `share` (of input rows), `amount` (money),
    /// `value` (what a note is about; null if there is none).
    /// The rows of kept, rejected and dropped add up to the rows that came in.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, Table, batch};
    /// let lines = batch!("c" => [Some("ann"), None], "t" => ["2024-01-05", "2024-01-06"], "a" => [20.0, 15.0])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// let quality = Table::from(ledger.quality_batch()?);
    /// assert_eq!(quality.column("status").unwrap().texts(), [Some("kept".into()), Some("rejected".into())]);
    /// let rejected = Table::from(ledger.rejected_batch()?);
    /// assert_eq!(rejected.column("row").unwrap().texts(), [Some("1".into())]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn quality_batch(&self) -> Result<RecordBatch, Error> {
        let quality = self.quality();
        let mut table = QualityRows::default();
        table.push("kept", "in the ledger", ("", ""), quality.kept.rows, Some(quality.kept.amount));
        for (reason, tally) in &quality.set_aside {
            let status = if reason.is_asked() { "dropped" } else { "rejected" };
            let column = self.roles.column_of(reason.role()).unwrap_or_default();
            table.push(
                status,
                reason.text(),
                (reason.role(), &column),
                tally.rows,
                reason.knows_amount().then_some(tally.amount),
            );
        }
        if quality.returns.rows > 0 {
            table.push(
                "note",
                "returns among the kept",
                ("amount", ""),
                quality.returns.rows,
                Some(quality.returns.amount),
            );
        }
        if quality.returns_without_order.rows > 0 {
            table.push(
                "note",
                "returns without a purchase in the same order",
                ("amount", ""),
                quality.returns_without_order.rows,
                Some(quality.returns_without_order.amount),
            );
        }
        for (name, rows) in &quality.unknown {
            table.push("note", "unknown value among the kept", (name, ""), *rows, None);
        }
        for note in &quality.notes {
            table.push("note", note.kind.label(), (&note.role, &note.column), note.rows, note.money);
            table.of_value(note.value.clone());
        }
        table.into_batch(quality.rows)
    }

    /// What is odd in the rows, and what to do about it: `kind`, `role`, `column`, `value`, `rows`, `amount` (money), `text`, `advice`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn notes_batch(&self) -> Result<RecordBatch, Error> {
        let notes = &self.quality().notes;
        let kind = |note: &QualityNote| serde_json::to_value(note.kind).ok()?.as_str().map(str::to_owned);
        batch!(
            "kind" => notes.iter().map(kind).collect::<Vec<_>>(),
            "role" => each(notes, |note| note.role.as_str()),
            "column" => each(notes, |note| note.column.as_str()),
            "value" => each(notes, |note| note.value.clone()),
            "rows" => each(notes, |note| note.rows as i64),
            "amount" => each(notes, |note| note.money),
            "text" => each(notes, QualityNote::text),
            "advice" => each(notes, QualityNote::advice),
        )
    }

    /// The rows that were set aside: `row` (from 0), `role`, `column`, `value` (as text), `reason`, `amount` (money, null where unknown).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn rejected_batch(&self) -> Result<RecordBatch, Error> {
        let rejected = self.rejected();
        let text = |f: &dyn Fn(Reason) -> String| rejected.reasons.iter().map(|&reason| f(reason)).collect::<Vec<_>>();
        batch!(
            "row" => rejected.rows.iter().map(|&row| i64::from(row)).collect::<Vec<_>>(),
            "role" => text(&|reason| reason.role().into()),
            "column" => text(&|reason| self.roles.column_of(reason.role()).unwrap_or_default()),
            "value" => &rejected.values,
            "reason" => text(&|reason| reason.text().into()),
            "amount" => finite(rejected.amounts.iter().copied()),
        )
    }
}

/// Numbers of the lines; null where unknown.
fn known(values: &[f64]) -> Column {
    Column::new("", finite(values.iter().copied()))
}

#[derive(Default)]
struct QualityRows {
    status: Vec<&'static str>,
    reason: Vec<&'static str>,
    role: Vec<String>,
    column: Vec<String>,
    rows: Vec<i64>,
    amount: Vec<Option<f64>>,
    value: Vec<Option<String>>,
}

impl QualityRows {
    fn push(
        &mut self,
        status: &'static str,
        reason: &'static str,
        (role, column): (&str, &str),
        rows: u64,
        amount: Option<f64>,
    ) {
        self.status.push(status);
        self.reason.push(reason);
        self.role.push(role.into());
        self.column.push(column.into());
        self.rows.push(rows as i64);
        self.amount.push(amount);
        self.value.push(None);
    }

    /// Says which value the last row is about.
    fn of_value(&mut self, value: Option<String>) {
        if let Some(last) = self.value.last_mut() {
            *last = value;
        }
    }

    fn into_batch(self, total: u64) -> Result<RecordBatch, Error> {
        let share: Vec<f64> = self.rows.iter().map(|&rows| rows as f64 / total as f64).collect();
        batch!(
            "status" => self.status,
            "reason" => self.reason,
            "role" => self.role,
            "column" => self.column,
            "rows" => self.rows,
            "share" => share,
            "amount" => self.amount,
            "value" => self.value,
        )
    }
}
