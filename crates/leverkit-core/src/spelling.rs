//! How ids are spelled: the steps that make one of what people and programs write in several ways, and a quick look that tells whether
//! a step changes anything at all.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

/// A text without white space around it, with one blank for any run of it within, without characters that are not seen, and with one
/// code for a letter with its marks (NFC).
pub(crate) fn trimmed(text: &str) -> Cow<'_, str> {
    let is_plain = !text.contains(|letter| is_invisible(letter) || (letter.is_whitespace() && letter != ' '))
        && !text.contains("  ")
        && is_nfc_quick(text.chars()) == unicode_normalization::IsNormalized::Yes;
    if is_plain {
        return Cow::Borrowed(text.trim());
    }
    let seen: String = text.chars().filter(|&letter| !is_invisible(letter)).nfc().collect();
    Cow::Owned(seen.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Zero-width characters, marks of direction and of the byte order, soft hyphens.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// The digits of a whole number without zeros before them and without a fraction of zeros; other texts as they are.
pub(crate) fn as_number(text: &str) -> &str {
    let digits =
        text.split_once('.').filter(|(_, zeros)| is_all(zeros, |byte| byte == b'0')).map_or(text, |parts| parts.0);
    if !is_all(digits, |byte| byte.is_ascii_digit()) {
        return text;
    }
    let short = digits.trim_start_matches('0');
    if short.is_empty() { &digits[digits.len() - 1..] } else { short }
}

fn is_all(text: &str, holds: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(holds)
}

/// Whether a text is a number of which a spreadsheet has kept the first digits alone: 1.23E+11.
pub(crate) fn is_shortened(text: &str) -> bool {
    let Some((digits, exponent)) = text.split_once("E+") else { return false };
    exponent.len() == 2
        && is_all(exponent, |byte| byte.is_ascii_digit())
        && is_all(digits, |byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        && digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
}

/// A text with Latin letters in place of those of Cyrillic that look the same.
pub(crate) fn in_latin(text: &str) -> String {
    text.chars().map(latin).collect()
}

fn latin(letter: char) -> char {
    match letter {
        'А' => 'A',
        'В' => 'B',
        'Е' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'О' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'У' => 'Y',
        'Х' => 'X',
        'І' => 'I',
        'а' => 'a',
        'е' => 'e',
        'о' => 'o',
        'р' => 'p',
        'с' => 'c',
        'у' => 'y',
        'х' => 'x',
        'і' => 'i',
        other => other,
    }
}

/// What some texts are like; of several texts the traits of all of them, joined by `|`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traits(u8);

impl Traits {
    const NOT_LOWER: u8 = 1;
    const NOT_UPPER: u8 = 2;
    const NOT_TITLE: u8 = 4;
    const BEYOND_ASCII: u8 = 8;
    const BLANKS: u8 = 16;
    const ZEROS: u8 = 32;
    const SHORTENED: u8 = 64;
    const DIGITS: u8 = 128;

    /// The traits of a text, eight bytes at a time.
    pub(crate) fn of(text: &str) -> Self {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGH: u64 = 0x80 * ONES;
        let mut found = 0;
        // Before the text stands a blank.
        let (mut last_letters, mut last_blanks) = (0, HIGH);
        for eight in text.as_bytes().chunks(8) {
            let mut word = [b'!'; 8];
            word[..eight.len()].copy_from_slice(eight);
            let word = u64::from_le_bytes(word);
            let ascii = word & !HIGH;
            // The high bit of each byte that is at least as great as a letter.
            let from = |letter: u8| ascii + u64::from(0x80 - letter) * ONES;
            // Bytes beyond ASCII are none of these.
            let among = |low: u8, high: u8| from(low) & !from(high + 1) & HIGH & !word;
            let (upper, lower, digits) = (among(b'A', b'Z'), among(b'a', b'z'), among(b'0', b'9'));
            let blanks = !from(b'!') & HIGH & !word;
            let letters = upper | lower;
            let (after_letter, after_blank) = (letters << 8 | last_letters >> 56, blanks << 8 | last_blanks >> 56);
            let mut add = |trait_: u8, is_there: bool| found |= trait_ * u8::from(is_there);
            add(Self::NOT_LOWER, upper != 0);
            add(Self::NOT_UPPER, lower != 0);
            add(Self::NOT_TITLE, (upper & after_letter) | (lower & !after_letter) != 0);
            add(Self::BEYOND_ASCII, word & HIGH != 0);
            add(Self::BLANKS, blanks & (after_blank | !from(b' ')) != 0);
            add(Self::DIGITS, digits != 0);
            (last_letters, last_blanks) = (letters, blanks);
        }
        let bytes = text.as_bytes();
        let ends = |with: &[u8]| bytes.ends_with(with);
        let mut add = |trait_: u8, is_there: bool| found |= trait_ * u8::from(is_there);
        add(Self::BLANKS, bytes.last().is_some_and(|&byte| byte <= b' '));
        // Of two texts for one number one has zeros that can go; 0 alone has none.
        let (is_long, is_decimal) = (bytes.len() > 1, ends(b"0") && bytes.contains(&b'.'));
        add(Self::ZEROS, (is_long && bytes[0] == b'0') || is_decimal);
        add(Self::SHORTENED, bytes.len() > 4 && bytes[bytes.len() - 4..].starts_with(b"E+"));
        Self(found)
    }

    pub(crate) fn join(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, traits: u8) -> bool {
        self.0 & traits != 0
    }

    /// Whether two different texts may be one after trimming and case-folding: they are not all in one case, or hold blanks that fall away,
    /// or letters beyond ASCII.
    pub(crate) fn may_fold(self) -> bool {
        let is_in_one_case =
            [Self::NOT_LOWER, Self::NOT_UPPER, Self::NOT_TITLE].into_iter().any(|case| !self.has(case));
        !is_in_one_case || self.has(Self::BLANKS | Self::BEYOND_ASCII)
    }

    /// Whether two different texts may be one number.
    pub(crate) fn may_be_numbers(self) -> bool {
        self.has(Self::ZEROS)
    }

    pub(crate) fn may_be_shortened(self) -> bool {
        self.has(Self::SHORTENED)
    }

    pub(crate) fn is_beyond_ascii(self) -> bool {
        self.has(Self::BEYOND_ASCII)
    }

    pub(crate) fn has_digits(self) -> bool {
        self.has(Self::DIGITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimming_leaves_what_is_seen() {
        let spellings = [
            "Ann Lee",
            " Ann Lee\u{a0}",
            "Ann\u{a0}Lee",
            "Ann  Lee",
            "\u{feff}Ann Lee",
            "An\u{ad}n L\u{200b}ee",
            "Ann\tLee",
        ];
        assert!(spellings.iter().all(|text| trimmed(text) == "Ann Lee"));
        assert_eq!(trimmed("Jose\u{301}"), "José");
        assert_eq!(trimmed(" \u{200b}"), "");
    }

    #[test]
    fn zeros_before_and_after_do_not_make_another_number() {
        let read = ["007", "7", "7.0", "7.00", "7.5", "0", "000", "0.0", "7a", "", ".0", "A.0"].map(as_number);
        assert_eq!(read, ["7", "7", "7", "7", "7.5", "0", "0", "0", "7a", "", ".0", "A.0"]);
    }

    #[test]
    fn numbers_cut_by_a_spreadsheet_are_told_from_names() {
        assert!(["1.23E+11", "1,23E+11", "4E+12"].into_iter().all(is_shortened));
        assert!(["E+11", "A1E+11", "1.23E+1", "1.23e+11", "1.23E+AB"].into_iter().all(|text| !is_shortened(text)));
    }

    #[test]
    fn the_quick_look_finds_what_steps_may_change() {
        let all = |texts: &[&str]| texts.iter().map(|text| Traits::of(text)).fold(Traits::default(), Traits::join);
        for one_case in
            [&["ann@x.com", "bob 7"][..], &["A-100", "B-7", "12"], &["Ann Lee", "Bob-Jo 7", "3"], &["", "100"]]
        {
            assert!(!all(one_case).may_fold(), "{one_case:?}");
        }
        let changing = ["ann ", " ann", "a  b", "a\tb", "aaaaaaa  b", "aaaaaaaa b ", "é", "ann\u{a0}"];
        assert!(changing.iter().all(|text| all(&[text]).may_fold()), "{changing:?}");
        assert!(
            all(&["Ann", "ann"]).may_fold()
                && all(&["ANN", "Ann"]).may_fold()
                && all(&["longer-McName", "x"]).may_fold()
        );
        assert!(all(&["1234567z", "1234567Z"]).may_fold() && !all(&["12345678 90"]).may_fold());
        assert!(
            ["007", "7.0", "7.000", "00", "0.0"].iter().all(|text| all(&[text]).may_be_numbers())
                && !all(&["0", "70", "7.5", "-0"]).may_be_numbers()
        );
        assert!(
            !Traits::of("гость").has_digits() && !Traits::of("Итого").has_digits() && Traits::of("a7").has_digits()
        );
        assert!(all(&["1.23E+11"]).may_be_shortened() && !all(&["1.23E+1"]).may_be_shortened());
    }
}
