//! Scales of answers: what a label or a number stands for. Where the same label means different things on two scales, the other labels that
//! are there decide; where they do not, the error asks.

use leverkit_core::nearest;

use super::labels::NO_OPINION;

/// Answers in order, as whole numbers from `low` to `high`, with the labels that they are known by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// What is asked.
    pub name: &'static str,
    /// The lowest answer.
    pub low: i32,
    /// The highest answer.
    pub high: i32,
    /// Sets of labels; a survey uses one of them.
    pub sets: &'static [LabelSet],
}

/// Labels of one questionnaire, in all languages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelSet {
    /// What the set is called in messages.
    pub name: &'static str,
    /// Labels with the answers that they stand for.
    pub labels: &'static [(&'static str, f64)],
}

/// What a value stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// A place on the scale.
    Answer(f64),
    /// A number that was read as the place on the scale.
    Number(f64),
    /// That there is no answer, such as "don't know".
    NoOpinion,
}

/// Values that mean nothing on a scale, or more than one thing.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Unreadable {
    /// The value at this place, and what would do.
    Unknown(usize, String),
    /// The value at this place stands for different answers.
    Ambiguous(usize, String),
}

impl Unreadable {
    /// Which of the values.
    pub(super) fn place(&self) -> usize {
        let (Self::Unknown(place, _) | Self::Ambiguous(place, _)) = self;
        *place
    }

    /// What would do.
    pub(super) fn expected(&self) -> &str {
        let (Self::Unknown(_, expected) | Self::Ambiguous(_, expected)) = self;
        expected
    }
}

impl Scale {
    /// The places of labels, by the first set that has all of them; NaN where they say that there is no answer. `None` where no set does, or all are numbers.
    pub(super) fn places(&self, texts: &[String]) -> Option<Vec<f64>> {
        let plain: Vec<String> = texts.iter().map(|text| plain(text)).collect();
        let place = |set: &LabelSet, text: &String| label(set, text).or_else(|| says_nothing(text).then_some(f64::NAN));
        self.sets.iter().find_map(|set| plain.iter().map(|text| place(set, text)).collect())
    }

    /// What each of these values stands for; `own` are the user's labels, in the place of those that are known.
    pub(super) fn read(&self, values: &[String], own: &[(String, String)]) -> Result<Vec<Meaning>, Unreadable> {
        let plain: Vec<String> = values.iter().map(|value| plain(value)).collect();
        if !own.is_empty() {
            return self.by_own(values, &plain, own);
        }
        let mut found: Vec<(&LabelSet, Vec<Meaning>)> = Vec::new();
        let mut first_unknown = values.len();
        for set in self.sets {
            match self.by_set(values, &plain, set) {
                Ok(meanings) => found.push((set, meanings)),
                // The set that goes furthest has the label that stops the reading.
                Err(place) => {
                    first_unknown = if first_unknown == values.len() { place } else { first_unknown.max(place) }
                }
            }
        }
        let Some((first, meanings)) = found.first() else {
            return Err(self.unknown(first_unknown, &values[first_unknown]));
        };
        for (other, others) in &found[1..] {
            if let Some(place) = (0..values.len()).find(|&place| meanings[place] != others[place]) {
                return Err(Unreadable::Ambiguous(place, Self::which(place, (first, meanings), (other, others))));
            }
        }
        Ok(meanings.clone())
    }

    /// By one set of labels; `Err` is the place of the first value that it does not have.
    fn by_set(&self, values: &[String], plain: &[String], set: &LabelSet) -> Result<Vec<Meaning>, usize> {
        let meaning = |(place, value): (usize, &String)| {
            self.number(value)
                .map(Meaning::Number)
                .or_else(|| label(set, &plain[place]).map(Meaning::Answer))
                .or_else(|| says_nothing(&plain[place]).then_some(Meaning::NoOpinion))
                .ok_or(place)
        };
        values.iter().enumerate().map(meaning).collect()
    }

    /// By the user's own labels, which stand for labels or numbers of the scale.
    fn by_own(
        &self,
        values: &[String],
        plain: &[String],
        own: &[(String, String)],
    ) -> Result<Vec<Meaning>, Unreadable> {
        let known: Vec<String> = own.iter().map(|(label, _)| as_written(label)).collect();
        let meaning = |(place, value): (usize, &String)| {
            if let Some(at) = known.iter().position(|known| *known == as_written(value)) {
                let target = &own[at].1;
                let found = self.number(target).or_else(|| self.any_label(target));
                return found.map(Meaning::Answer).ok_or_else(|| self.unknown(place, target));
            }
            let labels = own.iter().map(|(label, _)| label.as_str());
            if says_nothing(&plain[place]) {
                Ok(Meaning::NoOpinion)
            } else {
                Err(Unreadable::Unknown(place, one_of(value, labels, "of scale")))
            }
        };
        values.iter().enumerate().map(meaning).collect()
    }

    /// A whole number of the scale, as it is written: `4`, `4.0`.
    fn number(&self, value: &str) -> Option<f64> {
        let number: f64 = value.trim().parse().ok()?;
        (number.fract() == 0.0 && number >= f64::from(self.low) && number <= f64::from(self.high)).then_some(number)
    }

    /// A label of any set.
    fn any_label(&self, value: &str) -> Option<f64> {
        let plain = plain(value);
        self.sets.iter().find_map(|set| label(set, &plain))
    }

    fn unknown(&self, place: usize, value: &str) -> Unreadable {
        let labels = self.sets.iter().flat_map(|set| set.labels).map(|(label, _)| *label);
        let numbers = format!("or {} to {}", self.low, self.high);
        Unreadable::Unknown(
            place,
            format!("{}; or say with scale= what it stands for", one_of(value, labels, &numbers)),
        )
    }

    fn which(place: usize, one: (&LabelSet, &[Meaning]), other: (&LabelSet, &[Meaning])) -> String {
        let answer = |meaning: Meaning| match meaning {
            Meaning::Answer(answer) | Meaning::Number(answer) => answer.to_string(),
            Meaning::NoOpinion => "no opinion".into(),
        };
        format!(
            "to know which scale was used: {} on \"{}\", {} on \"{}\"; say with scale= what each answer stands for",
            answer(one.1[place]),
            one.0.name,
            answer(other.1[place]),
            other.0.name
        )
    }
}

/// The first labels of each answer, and the one that is nearest.
fn one_of<'a>(value: &str, labels: impl Iterator<Item = &'a str>, more: &str) -> String {
    let labels: Vec<&str> = labels.collect();
    let shown: Vec<String> = labels.iter().take(6).map(|label| format!("{label:?}")).collect();
    let near = nearest(value, labels.iter().copied());
    let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
    format!("one of {}{} {more}{hint}", shown.join(", "), if labels.len() > 6 { " …" } else { "" })
}

fn label(set: &LabelSet, plain: &str) -> Option<f64> {
    set.labels.iter().find(|(label, _)| self::plain(label) == plain).map(|(_, answer)| *answer)
}

fn says_nothing(plain: &str) -> bool {
    NO_OPINION.iter().any(|label| self::plain(label) == plain)
}

/// Text without case, punctuation and ё.
fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace('ё', "е").replace(['\'', '’'], "");
    let words: Vec<&str> = text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // Marks such as ++ and - have no word: they are themselves.
    if words.is_empty() { text.trim().into() } else { words.join(" ") }
}

/// A user's label as it is compared: numbers by value, texts without case and punctuation.
fn as_written(text: &str) -> String {
    text.trim().parse::<f64>().map_or_else(|_| plain(text), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::{IMPORTANCE, KANO, SATISFACTION};
    use super::*;

    fn read(scale: &Scale, values: &[&str]) -> Result<Vec<Meaning>, Unreadable> {
        scale.read(&values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>(), &[])
    }

    #[test]
    fn labels_of_both_languages_and_numbers_are_known() {
        let found = read(&KANO, &["I like it that way.", "Мне всё равно", "4.0", "Don’t know"]).unwrap();
        let known = [Meaning::Answer(1.0), Meaning::Answer(3.0), Meaning::Number(4.0), Meaning::NoOpinion];
        assert_eq!(found, known);
    }

    #[test]
    fn the_other_labels_tell_which_scale_was_used() {
        assert_eq!(read(&SATISFACTION, &["very satisfied", "dissatisfied"]).unwrap()[0], Meaning::Answer(5.0));
        assert_eq!(read(&SATISFACTION, &["very satisfied", "extremely satisfied"]).unwrap()[0], Meaning::Answer(4.0));
        assert!(matches!(read(&SATISFACTION, &["very satisfied"]), Err(Unreadable::Ambiguous(0, _))));
    }

    #[test]
    fn an_unknown_label_is_named_with_the_nearest() {
        let Err(Unreadable::Unknown(1, hint)) = read(&IMPORTANCE, &["important", "extremly important"]) else {
            panic!("it is unknown")
        };
        assert!(hint.contains("did you mean \"extremely important\"?"), "{hint}");
        assert!(matches!(read(&KANO, &["6"]), Err(Unreadable::Unknown(0, _))));
    }

    #[test]
    fn own_labels_stand_for_labels_or_numbers() {
        let own = [("5".to_owned(), "like".to_owned()), ("toll".to_owned(), "1".to_owned())];
        let found = KANO.read(&["5.0".to_owned(), "Toll!".to_owned()], &own).unwrap();
        assert_eq!(found, [Meaning::Answer(1.0), Meaning::Answer(1.0)]);
        assert!(
            matches!(KANO.read(&["1".to_owned()], &own), Err(Unreadable::Unknown(0, _))),
            "own labels replace the known"
        );
    }
}
