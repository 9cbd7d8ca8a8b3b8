//! Parameters of every analysis are checked by one trait: read in the sources, so that none can be forgotten.

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

#[test]
fn all_parameters_have_their_check() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for engine in fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path().join("src")) {
        let sources: Vec<String> = sources(&engine).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
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
