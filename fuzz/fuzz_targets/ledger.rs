//! A saved ledger with changed bytes: it opens or is refused; what its check sums vouch for is read as it was.

#![no_main]

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use leverkit_core::saved::Saved;
use leverkit_core::{Ledger, Roles, batch};
use libfuzzer_sys::fuzz_target;

/// The folder, and its files in the order of their names.
static SAVED: LazyLock<(PathBuf, Vec<PathBuf>)> = LazyLock::new(|| {
    let path = std::env::temp_dir().join(format!("leverkit-fuzz-{}.ledger", std::process::id()));
    let lines = batch!(
        "c" => ["ann", "bob", "ann"], "t" => ["2024-01-05", "2024-02-05", "2024-01-31"], "a" => [10.0, 20.0, 30.0],
        "o" => [1, 2, 3], "p" => ["tea", "milk", "tea"], "shop" => ["north", "south", "north"], "off" => [Some(1.0), None, None]
    );
    let roles = Roles::new("c", "t").amount("a").order("o").product("p").dimension("shop").discount("rebate", "off");
    Ledger::from_batches(&[lines.expect("columns of equal length")], &roles)
        .and_then(|ledger| ledger.save(&path))
        .expect("a small ledger can be saved");
    let mut files = Vec::new();
    list(&path, &mut files);
    files.sort();
    (path, files)
});

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}

/// Writes bytes over those of files, four bytes of the input each: which file, where, and what. Returns what stood there.
fn write(edits: &[u8], files: &[PathBuf]) -> Vec<(PathBuf, u64, u8)> {
    let mut before = Vec::new();
    for edit in edits.chunks_exact(4).take(16) {
        let path = &files[usize::from(edit[0]) % files.len()];
        let Ok(file) = OpenOptions::new().read(true).write(true).open(path) else { continue };
        let length = file.metadata().map_or(0, |about| about.len());
        if length > 0 {
            let place = u64::from(u16::from_le_bytes([edit[1], edit[2]])) % length;
            let mut old = [0];
            file.read_exact_at(&mut old, place).expect("the place is in the file");
            file.write_all_at(&[edit[3]], place).expect("the file can be written");
            before.push((path.clone(), place, old[0]));
        }
    }
    before
}

fuzz_target!(|edits: &[u8]| {
    let (path, files) = &*SAVED;
    let before = write(edits, files);
    let opened = Saved::open(path);
    if Saved::verify(path).is_ok() {
        assert_eq!(opened.expect("what is verified opens").ledger.amounts().iter().sum::<f64>(), 60.0);
    }
    for (path, place, byte) in before.into_iter().rev() {
        let file = OpenOptions::new().write(true).open(path).expect("the file is there");
        file.write_all_at(&[byte], place).expect("the file can be written");
    }
});
