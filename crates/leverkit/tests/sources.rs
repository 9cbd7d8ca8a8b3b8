//! What holds in every crate, read in the sources so that nothing can be forgotten: parameters are checked by one trait, and all that is public is
//! called in an example.

#![allow(clippy::unwrap_used)] // A test may fail.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// What stands in the sources between a text and the next character that belongs to no name.
fn names_after(sources: &[String], text: &str) -> BTreeSet<String> {
    let name = |rest: &str| rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned();
    sources.iter().flat_map(|source| source.split(text).skip(1).map(name)).collect()
}

/// The folders of the crates.
fn crates() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// What a crate offers, and what its examples say.
#[derive(Debug, Default, PartialEq)]
struct Offered {
    /// Public functions without an example of their own.
    bare: BTreeSet<String>,
    /// Public methods, but for a trait's and deprecated ones.
    methods: BTreeSet<String>,
    /// The words of all examples.
    words: BTreeSet<String>,
}

impl Offered {
    fn read(&mut self, source: &str) {
        let (mut is_inherent, mut has_example, mut is_deprecated) = (false, false, false);
        // Whether the block that is open runs; `None` outside of blocks.
        let mut block = None;
        for line in source.lines().take_while(|line| *line != "#[cfg(test)]") {
            let text = line.trim_start();
            if let Some(doc) = text.strip_prefix("///").map(str::trim) {
                if doc.starts_with("```") {
                    block = block.is_none().then_some(["```", "```rust"].contains(&doc));
                    has_example |= block == Some(true);
                } else if block == Some(true) {
                    self.learn(doc);
                }
                continue;
            }
            if text.starts_with("#[") {
                is_deprecated |= text.starts_with("#[deprecated");
                continue;
            }
            if line.starts_with("impl") {
                is_inherent = !line.contains(" for ");
            }
            let name = text.strip_prefix("pub const fn ").or_else(|| text.strip_prefix("pub fn ")).map(first_word);
            match name {
                Some(name) if text == line && !has_example => _ = self.bare.insert(name),
                Some(name) if text != line && is_inherent && !is_deprecated => _ = self.methods.insert(name),
                _ => {}
            }
            (has_example, is_deprecated) = (false, false);
        }
    }

    /// Takes in the words of an example's line.
    fn learn(&mut self, code: &str) {
        self.words.extend(code.split(|letter: char| !is_of_name(letter)).map(str::to_owned));
    }

    /// Public methods that no example calls. Tables of results show in the Python face, and `is_empty` says no more than `len`.
    fn uncalled(&self) -> Vec<&String> {
        let is_plain = |name: &str| name == "is_empty" || name.ends_with("batch");
        self.methods.difference(&self.words).filter(|name| !is_plain(name)).collect()
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|letter| is_of_name(*letter)).collect()
}

#[test]
fn all_that_is_public_is_called_in_an_example() {
    // The bridge to Python has its examples there.
    for folder in crates().into_iter().filter(|folder| !folder.ends_with("leverkit-py")) {
        let mut offered = Offered::default();
        sources(&folder.join("src")).iter().for_each(|path| offered.read(&fs::read_to_string(path).unwrap()));
        // The README is the crate's documentation.
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        offered.read(&readme.lines().map(|line| format!("/// {line}")).collect::<Vec<_>>().join("\n"));
        assert!(offered.bare.is_empty(), "{}: functions without an example: {:?}", folder.display(), offered.bare);
        let uncalled = offered.uncalled();
        assert!(uncalled.is_empty(), "{}: methods that no example calls: {uncalled:?}", folder.display());
    }
}

#[test]
fn what_no_example_calls_is_found() {
    let source = "/// ```\n/// assert_eq!(one(), 1);\n/// ```\npub fn one() -> u8 {\n}\n/// Two.\n/// ```text\n/// 2\n/// ```\npub fn two() -> u8 {\n}\n\
        impl Three {\n    /// Three.\n    pub fn value(&self) -> u8 {\n    }\n    #[deprecated]\n    pub fn old(&self) -> u8 {\n    }\n}\n\
        impl Display for Three {\n    pub fn fmt(&self) {\n    }\n}\n#[cfg(test)]\nmod tests {\n    pub fn help() {\n    }\n}\n";
    let mut offered = Offered::default();
    offered.read(source);
    assert_eq!(offered.bare, BTreeSet::from(["two".to_owned()]));
    assert_eq!(offered.uncalled(), ["value"]);
    offered.learn("assert_eq!(three.value(), 3);");
    assert!(offered.uncalled().is_empty());
}

#[test]
fn all_parameters_have_their_check() {
    for engine in crates() {
        let sources: Vec<String> =
            sources(&engine.join("src")).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let checked = names_after(&sources, "impl Params for ");
        for params in names_after(&sources, "pub struct ").into_iter().filter(|name| name.ends_with("Params")) {
            assert!(checked.contains(&params), "{}: {params} needs `impl Params`", engine.display());
        }
    }
}

#[test]
fn the_check_of_a_known_analysis_is_found() {
    let source = "pub struct LadderParams {}\nimpl Params for LadderParams {}".to_owned();
    assert_eq!(names_after(&[source], "impl Params for "), BTreeSet::from(["LadderParams".to_owned()]));
}
