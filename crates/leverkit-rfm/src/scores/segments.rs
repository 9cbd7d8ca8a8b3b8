//! Segments: named rules over the scores, as data.

use leverkit_core::check;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The widespread map of eleven segments.
const DEFAULT: &str = include_str!("segments.toml");

/// A named group of customers and what to do with them first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The name.
    pub name: String,
    /// What to do with these customers first.
    #[serde(default)]
    pub action: String,
    /// Scores that fall in it: those that fit any of the rules.
    pub rules: Vec<Rule>,
}

/// Ranges of scores, both ends included; one left out is open. `fm` is the mean of `f` and `m`, rounded half up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Recency scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r: Option<(u8, u8)>,
    /// Frequency scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f: Option<(u8, u8)>,
    /// Monetary scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub m: Option<(u8, u8)>,
    /// Rounded mean of frequency and monetary scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fm: Option<(u8, u8)>,
}

impl Rule {
    fn fits(&self, r: u8, f: u8, m: u8) -> bool {
        let within = |range: Option<(u8, u8)>, score: u8| range.is_none_or(|(low, high)| (low..=high).contains(&score));
        within(self.r, r) && within(self.f, f) && within(self.m, m) && within(self.fm, (f + m).div_ceil(2))
    }
}

/// A map from scores to segments; every combination of scores falls in exactly one.
///
/// ```
/// use leverkit_rfm::SegmentMap;
/// assert_eq!(SegmentMap::default().segments().len(), 11);
/// let map = SegmentMap::from_toml("scale = 2\n[[segment]]\nname = 'all'\nrules = [{}]")?;
/// assert_eq!(map.segments()[0].name, "all");
/// # Ok::<(), leverkit_rfm::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct SegmentMap {
    /// The highest score in the rules. Scores on another scale are stretched to it: the lowest to 1, the highest to `scale`.
    scale: u8,
    /// The segments, best first.
    segment: Vec<Segment>,
}

/// A map as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    scale: u8,
    #[serde(alias = "segments")]
    segment: Vec<Segment>,
}

impl TryFrom<Unchecked> for SegmentMap {
    type Error = Error;

    fn try_from(Unchecked { scale, segment }: Unchecked) -> Result<Self, Error> {
        let map = Self { scale, segment };
        map.check()?;
        Ok(map)
    }
}

impl Default for SegmentMap {
    fn default() -> Self {
        // The shipped file is parsed and checked by a test.
        toml::from_str(DEFAULT).unwrap_or(Self { scale: 5, segment: Vec::new() })
    }
}

impl SegmentMap {
    /// Reads a map from TOML: `scale`, and `[[segment]]` tables with `name`, `action` and `rules`.
    ///
    /// # Errors
    /// [`Error::Format`] where the text is no such map, [`Error::SegmentMap`] where scores fall in no or several segments.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        toml::from_str::<Unchecked>(text).map_err(|error| Error::format("segments", &error))?.try_into()
    }

    /// Reads a map from JSON of the same shape.
    ///
    /// # Errors
    /// As [`SegmentMap::from_toml`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        serde_json::from_str::<Unchecked>(text).map_err(|error| Error::format("segments", &error))?.try_into()
    }

    /// Reads a map from text: JSON where it begins with a brace, else TOML.
    ///
    /// # Errors
    /// As [`SegmentMap::from_toml`].
    ///
    /// ```
    /// use leverkit_rfm::SegmentMap;
    /// let text = r#"{"scale": 2, "segment": [{"name": "recent", "rules": [{"r": [2, 2]}]}, {"name": "other", "rules": [{"r": [1, 1]}]}]}"#;
    /// assert_eq!(SegmentMap::from_text(text)?.names(), ["recent", "other"]);
    /// let error = SegmentMap::from_text("scale = 2\n[[segment]]\nname = 'recent'\nrules = [{r = [2, 2]}]").unwrap_err();
    /// assert_eq!(error.to_string(), "segments: scores r=1, f=1, m=1 fall in no segment; every combination must fall in exactly one segment");
    /// # Ok::<(), leverkit_rfm::Error>(())
    /// ```
    pub fn from_text(text: &str) -> Result<Self, Error> {
        if text.trim_start().starts_with('{') { Self::from_json(text) } else { Self::from_toml(text) }
    }

    /// The segments' names, best first.
    pub fn names(&self) -> Vec<String> {
        self.segment.iter().map(|segment| segment.name.clone()).collect()
    }

    /// The segments, best first.
    pub fn segments(&self) -> &[Segment] {
        &self.segment
    }

    /// Whether every combination of scores falls in exactly one segment.
    fn check(&self) -> Result<(), Error> {
        check::count("segments.scale", self.scale.into(), 2, 10)?;
        let scores = 1..=self.scale;
        for r in scores.clone() {
            for f in scores.clone() {
                for m in scores.clone() {
                    let found: Vec<String> = self.claims(r, f, m).map(|(_, segment)| segment.name.clone()).collect();
                    if found.len() != 1 {
                        return Err(Error::SegmentMap { r, f, m, found });
                    }
                }
            }
        }
        Ok(())
    }

    fn claims(&self, r: u8, f: u8, m: u8) -> impl Iterator<Item = (usize, &Segment)> {
        self.segment.iter().enumerate().filter(move |(_, segment)| segment.rules.iter().any(|rule| rule.fits(r, f, m)))
    }

    /// The position of the segment of scores given with the number of bins of each.
    pub(crate) fn find(&self, scores: [u8; 3], bins: [u8; 3]) -> usize {
        let [r, f, m] = [0, 1, 2].map(|i| stretch(scores[i], bins[i], self.scale));
        self.claims(r, f, m).next().map_or(0, |(position, _)| position)
    }
}

/// The segment of every combination of scores.
pub(crate) struct SegmentTable {
    bins: [usize; 3],
    segments: Vec<u8>,
}

impl SegmentTable {
    pub(crate) fn new(bins: [u8; 3], map: &SegmentMap) -> Self {
        let mut segments = Vec::new();
        for r in 1..=bins[0] {
            for f in 1..=bins[1] {
                for m in 1..=bins[2] {
                    segments.push(map.find([r, f, m], bins) as u8);
                }
            }
        }
        Self { bins: bins.map(usize::from), segments }
    }

    pub(crate) fn find(&self, r: u8, f: u8, m: u8) -> u8 {
        let [r, f, m] = [r, f, m].map(|score| usize::from(score) - 1);
        self.segments[(r * self.bins[1] + f) * self.bins[2] + m]
    }
}

/// A score of 1 to `bins` on a scale of 1 to `scale`, rounded half up; the middle of the scale where there is but one bin.
fn stretch(score: u8, bins: u8, scale: u8) -> u8 {
    if bins < 2 {
        return scale.div_ceil(2);
    }
    let (score, bins, scale) = (u32::from(score), u32::from(bins), u32::from(scale));
    (1 + (2 * (score - 1) * (scale - 1) + bins - 1) / (2 * (bins - 1))) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_map_has_eleven_segments_and_covers_every_score_once() {
        let map = SegmentMap::from_toml(DEFAULT).unwrap();
        assert_eq!(map.segments().len(), 11);
        let name = |r, f, m| map.segments()[map.find([r, f, m], [5; 3])].name.as_str();
        assert_eq!(name(5, 5, 5), "Champions");
        assert_eq!(name(5, 1, 1), "New");
        assert_eq!(name(1, 5, 5), "Can't Lose Them");
        assert_eq!(name(1, 1, 1), "Lost");
        assert_eq!(name(3, 3, 2), "Need Attention", "the mean of 3 and 2 is rounded up");
    }

    #[test]
    fn other_scales_are_stretched_end_to_end() {
        assert_eq!([1, 2, 3].map(|score| stretch(score, 3, 5)), [1, 3, 5]);
        assert_eq!([1, 2].map(|score| stretch(score, 2, 5)), [1, 5]);
        assert_eq!([1, 5, 6, 10].map(|score| stretch(score, 10, 5)), [1, 3, 3, 5]);
        assert_eq!(stretch(1, 1, 5), 3);
    }

    #[test]
    fn a_gap_or_an_overlap_is_refused_by_name() {
        let gap = SegmentMap::from_toml("scale = 2\n[[segment]]\nname = 'good'\nrules = [{ r = [2, 2] }]").unwrap_err();
        insta::assert_snapshot!(gap, @"segments: scores r=1, f=1, m=1 fall in no segment; every combination must fall in exactly one segment");
        let both = SegmentMap::from_toml(
            "scale = 2\n[[segment]]\nname = 'a'\nrules = [{}]\n[[segment]]\nname = 'b'\nrules = [{ r = [2, 2] }]",
        )
        .unwrap_err();
        insta::assert_snapshot!(both, @"segments: scores r=2, f=1, m=1 fall in a and b; every combination must fall in exactly one segment");
    }
}
