//! How much memory work may take, as people write it.

use std::str::FromStr;

use crate::Error;

/// An amount of memory.
///
/// ```
/// use leverkit_core::Memory;
/// assert_eq!("1.5GiB".parse::<Memory>()?, Memory::of_bytes(3 << 29));
/// assert_eq!("512MB".parse::<Memory>()?.bytes(), 512_000_000);
/// let error = "plenty".parse::<Memory>().unwrap_err();
/// assert_eq!(error.to_string(), "memory: got \"plenty\"; expected a number with a unit such as \"4GiB\" or \"512MB\", at least 16MiB");
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory(u64);

/// Units with their bytes; the longer ones first, since others end like them.
const UNITS: [(&str, f64); 9] = [
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("tib", 1_099_511_627_776.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("tb", 1e12),
    ("b", 1.0),
];

/// With less, what is needed beside the rows would be most of it.
const LEAST: f64 = 16.0 * 1_048_576.0;

impl Memory {
    /// So many bytes.
    pub const fn of_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// How many bytes it is.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl Default for Memory {
    /// 4 GiB.
    fn default() -> Self {
        Self(4 << 30)
    }
}

impl FromStr for Memory {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || {
            let expected = "a number with a unit such as \"4GiB\" or \"512MB\", at least 16MiB";
            Error::parameter("memory", format!("{text:?}"), expected)
        };
        let lower = text.trim().to_lowercase();
        let unit = UNITS.iter().find_map(|(unit, bytes)| Some((lower.strip_suffix(unit)?, bytes)));
        let (number, bytes) = unit.ok_or_else(unknown)?;
        let number: f64 = number.trim_end().parse().map_err(|_| unknown())?;
        let size = number * bytes;
        if (LEAST..=9e18).contains(&size) { Ok(Self(size as u64)) } else { Err(unknown()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let bytes = |text: &str| text.parse::<Memory>().map(Memory::bytes).ok();
        assert_eq!(bytes("4GiB"), Some(4 << 30));
        assert_eq!(bytes(" 4 gib "), Some(4 << 30));
        assert_eq!(bytes("0.5GB"), Some(500_000_000));
        assert_eq!(bytes("17000000B"), Some(17_000_000));
        for wrong in ["", "4", "GiB", "-4GiB", "nanGB", "infGB", "4 GiBs", "1MB", "4,5GB", "99999999TB"] {
            assert_eq!(bytes(wrong), None, "{wrong:?}");
        }
    }
}
