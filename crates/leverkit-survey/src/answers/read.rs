//! Reading answers: rows find their respondents and items, labels their place on the scale.

use leverkit_core::left_out::Tallies;
use leverkit_core::{LeftOut, Params, Reason, Table};

use super::doubts::{is_contradictory, speeders, straight_liners};
use super::people::People;
use super::scale::Meaning;
use super::sheet::Sheet;
use super::{AnswerParams, Check, Doubt, Respondents, Scale};
use crate::Error;

/// Why a row, or a respondent, is left out.
const REASONS: [Reason; 7] = [
    Reason::NullRespondent,
    Reason::AnswerWithoutWeight,
    Reason::NullItem,
    Reason::RepeatedAnswer,
    Reason::StraightLining,
    Reason::Speeding,
    Reason::ContradictoryAnswers,
];

/// What is asked of each item.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Its role in messages, such as `functional`.
    pub role: &'a str,
    /// What its answers can be.
    pub scale: &'a Scale,
}

/// Answers by question, item and respondent.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Who answered.
    pub respondents: Respondents,
    /// What was asked about: as given for a wide table, else in the order of their names.
    pub items: Vec<String>,
    /// Whether answers came as plain numbers, by question: then their direction was taken for granted.
    pub by_number: Vec<bool>,
    /// What a look at their quality found.
    pub quality: Vec<Check>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// Question-major, then by item and respondent; NaN where there is no answer.
    cells: Vec<f64>,
    /// Answers such as "don't know", by respondent.
    no_opinion: Vec<u32>,
    /// Rows of each respondent, with the first: what is left out is counted in rows.
    rows: Vec<(u32, u32)>,
}

impl Answers {
    /// Reads a table of answers. `contradictions` says how many answers of a respondent contradict each other.
    ///
    /// # Errors
    /// [`Error::Core`] for an unknown column, an answer that is not on its scale (it names the respondent, the row and the nearest label), labels that
    /// mean different things on different scales, and a weight, stratum or segment that varies within a respondent; [`Error::Empty`] where nobody is left.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_survey::answers::{AnswerParams, Answers, KANO, Question};
    /// let table = Table::from(batch!("who" => [1, 1, 2], "what" => ["app", "map", "app"], "with" => ["like", "neutral", "like"])?);
    /// let asked = [Question { role: "functional", scale: &KANO }];
    /// let found = Answers::read("kano", &table, &AnswerParams::long("who", "what", &["with"]), &asked, |_, _| 0)?;
    /// assert_eq!((found.items.len(), found.respondents.len()), (2, 2));
    /// assert!(found.cells(0, 1)[1].is_nan()); // The second respondent was not asked about the map.
    /// # Ok::<(), leverkit_survey::Error>(())
    /// ```
    pub fn read(
        what: &str,
        table: &Table,
        params: &AnswerParams,
        questions: &[Question<'_>],
        contradictions: impl Fn(&Self, usize) -> u32,
    ) -> Result<Self, Error> {
        params.check()?;
        let mut tallies = Tallies::default();
        let people = People::read(table, params, &mut tallies)?;
        let sheet = Sheet::read(table, params, questions)?;
        let n = people.rows.len();
        let mut found = Self {
            respondents: people.respondents,
            by_number: Vec::new(),
            quality: Vec::new(),
            left_out: Vec::new(),
            cells: vec![f64::NAN; n * sheet.items.len() * questions.len()],
            no_opinion: vec![0; n],
            rows: people.rows,
            items: sheet.items.clone(),
        };
        if n > 0 {
            found.fill(&sheet, &people.owners, questions, params, &mut tallies)?;
            let contradictory: Vec<u32> = (0..n).map(|respondent| contradictions(&found, respondent)).collect();
            found.judge(&params.drop, people.seconds.as_deref(), &contradictory, &mut tallies)?;
        }
        found.left_out = tallies.left_out(&REASONS);
        if found.respondents.is_empty() || found.items.is_empty() {
            return Err(Error::empty(what, table.rows(), &found.left_out));
        }
        found.check_population()?;
        Ok(found)
    }

    /// The answers of all respondents to a question about an item; NaN where there is none.
    pub fn cells(&self, question: usize, item: usize) -> &[f64] {
        let n = self.respondents.len();
        &self.cells[(question * self.items.len() + item) * n..][..n]
    }

    /// How many questions were asked of each item.
    pub fn questions(&self) -> usize {
        self.by_number.len()
    }

    fn fill(
        &mut self,
        sheet: &Sheet,
        owners: &[u32],
        questions: &[Question<'_>],
        params: &AnswerParams,
        tallies: &mut Tallies,
    ) -> Result<(), Error> {
        let meanings = sheet.meanings(owners, questions, params)?;
        let is_number =
            |of: &Vec<Option<Meaning>>| of.iter().any(|meaning| matches!(meaning, Some(Meaning::Number(_))));
        self.by_number = (0..questions.len()).map(|question| meanings[question].iter().any(is_number)).collect();
        let n = self.respondents.len();
        let mut taken = vec![false; self.cells.len()];
        sheet.each_cell(owners, |cell| {
            let place = (cell.question * sheet.items.len() + cell.item) * n + cell.owner;
            if std::mem::replace(&mut taken[place], true) {
                tallies.note(Reason::RepeatedAnswer, cell.row, f64::NAN);
                return;
            }
            match meanings[cell.question][cell.column][cell.code] {
                Some(Meaning::Answer(answer) | Meaning::Number(answer)) => self.cells[place] = answer,
                Some(Meaning::NoOpinion) => self.no_opinion[cell.owner] += 1,
                None => {}
            }
        });
        (0..sheet.nameless.len()).for_each(|at| tallies.note(Reason::NullItem, sheet.nameless[at], f64::NAN));
        Ok(())
    }

    /// Looks for doubts, writes the table of quality, and leaves out whom it was asked to.
    fn judge(
        &mut self,
        drop: &[Doubt],
        seconds: Option<&[f64]>,
        contradictions: &[u32],
        tallies: &mut Tallies,
    ) -> Result<(), Error> {
        let n = self.respondents.len();
        let given =
            |respondent: usize| self.cells.iter().skip(respondent).step_by(n).filter(|cell| !cell.is_nan()).count();
        let given: Vec<usize> = (0..n).map(given).collect();
        let asked = self.cells.len() / n;
        let unanswered: Vec<u64> =
            (0..n).map(|at| (asked - given[at]) as u64 - u64::from(self.no_opinion[at])).collect();
        let flagged = [
            (Doubt::StraightLining, Some(straight_liners(self))),
            (Doubt::Speeding, seconds.map(speeders)),
            (
                Doubt::Contradictory,
                Some((0..n).map(|at| is_contradictory(contradictions[at], given[at])).collect::<Vec<bool>>()),
            ),
        ];
        let count = |of: &mut dyn Iterator<Item = bool>| of.filter(|is| *is).count() as u64;
        let check = |name, respondents: Option<u64>, answers, dropped| Check {
            check: name,
            respondents,
            answers,
            share: respondents.map(|respondents| respondents as f64 / n as f64),
            dropped,
        };
        let total: usize = given.iter().sum();
        let no_opinion = self.no_opinion.iter().map(|answers| u64::from(*answers)).sum();
        self.quality = vec![
            check("respondents", Some(n as u64), Some(total as u64), false),
            check("dont_know", Some(count(&mut self.no_opinion.iter().map(|of| *of > 0))), Some(no_opinion), false),
            check(
                "unanswered",
                Some(count(&mut unanswered.iter().map(|of| *of > 0))),
                Some(unanswered.iter().sum()),
                false,
            ),
        ];
        let mut kept = vec![true; n];
        for (doubt, flags) in &flagged {
            let answers = (*doubt == Doubt::Contradictory)
                .then(|| contradictions.iter().map(|answers| u64::from(*answers)).sum::<u64>());
            let respondents = flags.as_ref().map(|flags| count(&mut flags.iter().copied()));
            let dropped = drop.contains(doubt);
            self.quality.push(check(doubt.name(), respondents, answers, dropped && respondents > Some(0)));
            let flags = flags.as_deref().unwrap_or_default();
            for at in (0..flags.len()).filter(|&at| dropped && flags[at] && kept[at]).collect::<Vec<_>>() {
                kept[at] = false;
                let (first, rows) = self.rows[at];
                (0..rows).for_each(|_| tallies.note(reason_of(*doubt), first as usize, f64::NAN));
            }
        }
        if kept.contains(&false) { self.keep(&kept) } else { Ok(()) }
    }

    /// Leaves out respondents.
    fn keep(&mut self, kept: &[bool]) -> Result<(), Error> {
        let n = kept.len();
        let places: Vec<u32> = (0..n as u32).filter(|&at| kept[at as usize]).collect();
        let mut respondent = (0..n).cycle();
        self.cells.retain(|_| respondent.next().is_some_and(|at| kept[at]));
        self.no_opinion = places.iter().map(|&at| self.no_opinion[at as usize]).collect();
        self.rows = places.iter().map(|&at| self.rows[at as usize]).collect();
        self.respondents = self.respondents.picked(&places)?;
        Ok(())
    }

    fn check_population(&self) -> Result<(), Error> {
        let n = self.respondents.len();
        match self.respondents.population {
            Some(population) if population <= n as f64 => {
                Err(Error::parameter("population", population.to_string(), format!("more than the {n} respondents")))
            }
            _ => Ok(()),
        }
    }
}

fn reason_of(doubt: Doubt) -> Reason {
    match doubt {
        Doubt::StraightLining => Reason::StraightLining,
        Doubt::Speeding => Reason::Speeding,
        Doubt::Contradictory => Reason::ContradictoryAnswers,
    }
}
