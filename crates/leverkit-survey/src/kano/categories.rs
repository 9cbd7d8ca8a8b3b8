//! The evaluation table: from a pair of answers to a category.

use serde::{Deserialize, Serialize};

use crate::answers::{KANO, KANO_OF_THREE, Scale};

/// What a feature is to a respondent; in the order in which ties are broken (must-be before one-dimensional, attractive and indifferent).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Category {
    /// Taken for granted: its absence displeases.
    MustBe,
    /// The more the better.
    OneDimensional,
    /// Delights, and is not missed.
    Attractive,
    /// Makes no difference.
    Indifferent,
    /// Its absence is preferred.
    Reverse,
    /// The answers contradict each other.
    Questionable,
}

use Category::{Attractive as A, Indifferent as I, MustBe as M, OneDimensional as O, Questionable as Q, Reverse as R};

impl Category {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [M, O, A, I, R, Q];

    /// The letter by which the method knows it.
    pub fn letter(self) -> &'static str {
        match self {
            M => "M",
            O => "O",
            A => "A",
            I => "I",
            R => "R",
            Q => "Q",
        }
    }

    /// Whether it counts in better and worse: reversed and questionable answers do not.
    pub(super) fn is_core(self) -> bool {
        !matches!(self, R | Q)
    }

    /// Whether the feature's presence satisfies.
    pub(super) fn is_better(self) -> bool {
        matches!(self, A | O)
    }

    /// Whether the feature's absence dissatisfies.
    pub(super) fn is_worse(self) -> bool {
        matches!(self, M | O)
    }
}

/// Which evaluation table is used.
///
/// ```
/// use leverkit_survey::kano::{Category, Evaluation};
/// // "I like it" if the feature is there, "I dislike it" if it is not.
/// assert_eq!(Evaluation::Berger.of(1.0, 5.0), Category::OneDimensional);
/// assert_eq!(Evaluation::Three.of(1.0, 2.0).letter(), "A");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evaluation {
    /// That of Berger et al. (1993), five answers.
    Berger,
    /// Pouliot's in the same issue: "must-be" and "live with" on both questions contradict each other as well.
    Pouliot,
    /// Three answers: like, neutral, dislike.
    Three,
}

/// By functional (rows) and dysfunctional (columns) answer: like, must-be, neutral, live with, dislike.
const BERGER: [[Category; 5]; 5] =
    [[Q, A, A, A, O], [R, I, I, I, M], [R, I, I, I, M], [R, I, I, I, M], [R, R, R, R, Q]];

impl Evaluation {
    /// The category of a functional and a dysfunctional answer, 1 to 5, or 1 to 3 of three answers.
    pub fn of(self, functional: f64, dysfunctional: f64) -> Category {
        let (row, column) = (self.place(functional), self.place(dysfunctional));
        match self {
            Self::Pouliot if row == column && (row == 1 || row == 3) => Q,
            Self::Berger | Self::Pouliot | Self::Three => BERGER[row][column],
        }
    }

    /// The place of an answer in the table of five.
    pub(super) fn place(self, answer: f64) -> usize {
        let place = answer as usize - 1;
        if self == Self::Three { 2 * place } else { place }
    }

    pub(super) fn scale(self) -> &'static Scale {
        if self == Self::Three { &KANO_OF_THREE } else { &KANO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(evaluation: Evaluation, answers: i32) -> String {
        let row = |functional| {
            (1..=answers)
                .map(|other| evaluation.of(f64::from(functional), f64::from(other)).letter())
                .collect::<String>()
        };
        (1..=answers).map(row).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_tables_are_those_of_the_center_for_quality_of_management() {
        assert_eq!(table(Evaluation::Berger, 5), "QAAAO RIIIM RIIIM RIIIM RRRRQ");
        assert_eq!(table(Evaluation::Pouliot, 5), "QAAAO RQIIM RIIIM RIIQM RRRRQ");
        assert_eq!(table(Evaluation::Three, 3), "QAO RIM RRQ");
    }
}
