//! Which columns hold answers, and who gave them.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use super::Doubt;

/// How answers are laid out in their table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Layout {
    /// One row per respondent: each item with its columns, one per question.
    Wide {
        /// Items with their columns.
        items: Vec<(String, Vec<String>)>,
    },
    /// One row per respondent and item, with a column per question.
    Long {
        /// The item.
        item: String,
        /// The answers.
        columns: Vec<String>,
    },
    /// One row per answer.
    Tall {
        /// The item.
        item: String,
        /// What was asked of it.
        question: String,
        /// The answer.
        answer: String,
        /// The value of `question` that stands for each question; rows of other questions are passed over.
        values: Vec<String>,
    },
}

/// Which column is what in a table of answers.
///
/// ```
/// use leverkit_survey::answers::AnswerParams;
/// // One row per respondent; one per respondent and item; one per answer.
/// let wide = AnswerParams::wide(&[("speed", &["speed_importance", "speed_satisfaction"])]);
/// let long = AnswerParams::long("who", "need", &["importance", "satisfaction"]);
/// let tall = AnswerParams::tall("who", "need", "question", "answer", &["importance", "satisfaction"]);
/// assert_eq!([&wide, &long, &tall].map(AnswerParams::questions), [2, 2, 2]);
/// assert_eq!(long.columns(), ["need", "importance", "satisfaction", "who"]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerParams {
    /// Who answered; without it each row of a wide table is a respondent.
    pub respondent: Option<String>,
    /// How answers are laid out.
    pub layout: Layout,
    /// How answers are written, in the place of the labels and numbers that are known: each with the label or number that it stands for.
    #[serde(default)]
    pub scale: Vec<(String, String)>,
    /// Weight of the respondent.
    pub weight: Option<String>,
    /// The stratum in which the respondent was drawn.
    pub strata: Option<String>,
    /// The segment of the respondent.
    pub by: Option<String>,
    /// How long the respondent took, seconds.
    pub seconds: Option<String>,
    /// How many people there are to be asked, where they are few: intervals then shrink by √(1 − n/N).
    pub population: Option<f64>,
    /// Respondents in doubt who are left out; all doubts are counted.
    #[serde(default)]
    pub drop: Vec<Doubt>,
}

impl AnswerParams {
    /// Answers laid out in this way.
    pub fn new(layout: Layout) -> Self {
        Self {
            respondent: None,
            layout,
            scale: Vec::new(),
            weight: None,
            strata: None,
            by: None,
            seconds: None,
            population: None,
            drop: Vec::new(),
        }
    }

    /// Who answered, where the answers themselves are read elsewhere.
    pub(crate) fn people(
        respondent: Option<&String>,
        weight: Option<&String>,
        strata: Option<&String>,
        population: Option<f64>,
    ) -> Self {
        Self {
            respondent: respondent.cloned(),
            weight: weight.cloned(),
            strata: strata.cloned(),
            population,
            ..Self::new(Layout::Wide { items: Vec::new() })
        }
    }

    /// One row per respondent, with each item's columns.
    pub fn wide(items: &[(&str, &[&str])]) -> Self {
        let owned = |columns: &[&str]| columns.iter().map(|&column| column.to_owned()).collect();
        Self::new(Layout::Wide {
            items: items.iter().map(|(item, columns)| ((*item).into(), owned(columns))).collect(),
        })
    }

    /// One row per respondent and item, with a column per question.
    pub fn long(respondent: &str, item: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.into()).collect();
        Self { respondent: Some(respondent.into()), ..Self::new(Layout::Long { item: item.into(), columns }) }
    }

    /// One row per answer; `values` are those of the column `question` that stand for each question.
    pub fn tall(respondent: &str, item: &str, question: &str, answer: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|&value| value.into()).collect();
        let layout = Layout::Tall { item: item.into(), question: question.into(), answer: answer.into(), values };
        Self { respondent: Some(respondent.into()), ..Self::new(layout) }
    }

    /// How many questions are asked of each item.
    pub fn questions(&self) -> usize {
        match &self.layout {
            Layout::Wide { items } => items.first().map_or(0, |(_, columns)| columns.len()),
            Layout::Long { columns, .. } => columns.len(),
            Layout::Tall { values, .. } => values.len(),
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = match &self.layout {
            Layout::Wide { items } => items.iter().flat_map(|(_, columns)| columns.iter().cloned()).collect(),
            Layout::Long { item, columns } => std::iter::once(item).chain(columns).cloned().collect(),
            Layout::Tall { item, question, answer, .. } => vec![item.clone(), question.clone(), answer.clone()],
        };
        let optional = [&self.respondent, &self.weight, &self.strata, &self.by, &self.seconds];
        columns.extend(optional.into_iter().flatten().cloned());
        columns
    }
}

impl Params for AnswerParams {
    fn check(&self) -> Result<(), Error> {
        let is_wide = matches!(self.layout, Layout::Wide { .. });
        check::that(
            self.respondent.is_some() || is_wide,
            "respondent",
            &format_args!("none"),
            "the column of who answered: only a table of one row per respondent does without",
        )?;
        if let Layout::Wide { items } = &self.layout {
            check::that(!items.is_empty(), "items", &format_args!("none"), "at least one item")?;
            let mut names: Vec<&String> = items.iter().map(|(name, _)| name).collect();
            names.sort_unstable();
            let twice = names.windows(2).find(|pair| pair[0] == pair[1]).map_or("", |pair| pair[0].as_str());
            check::that(twice.is_empty(), "items", &twice, "each item once")?;
        }
        let speed = self.drop.contains(&Doubt::Speeding) && self.seconds.is_none();
        check::that(!speed, "drop", &format_args!("speeding"), "seconds, the column of how long each respondent took")?;
        check_population(self.population)
    }
}

/// How many people there are to be asked, where that is given, is above 0.
pub(crate) fn check_population(population: Option<f64>) -> Result<(), Error> {
    population.map_or(Ok(()), |population| check::above_zero("population", population))
}
