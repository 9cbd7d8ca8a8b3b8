//! Sums of money in JSON: finite ones are numbers; JSON has none for the others, which are texts.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Text(String),
}

impl Written {
    fn of(value: f64) -> Self {
        if value.is_finite() { Self::Number(value) } else { Self::Text(value.to_string()) }
    }

    fn value<E: serde::de::Error>(self) -> Result<f64, E> {
        match self {
            Self::Number(value) => Ok(value),
            Self::Text(text) => text.parse().map_err(E::custom),
        }
    }
}

/// For a sum: `#[serde(with = "amount")]`.
pub(crate) mod amount {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Written};

    #[allow(clippy::trivially_copy_pass_by_ref)] // As serde calls it.
    pub(crate) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        Written::of(*value).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        Written::deserialize(from)?.value()
    }
}

/// For a sum that may say nothing: `#[serde(with = "money")]`.
pub(crate) mod money {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Written};

    #[allow(clippy::ref_option)] // As serde calls it.
    pub(crate) fn serialize<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        value.map(Written::of).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        Option::<Written>::deserialize(from)?.map(Written::value).transpose()
    }
}

#[cfg(test)]
mod tests {
    use crate::Tally;

    #[test]
    fn sums_come_back_to_the_last_bit_finite_or_not() {
        for amount in [0.1 + 0.2, -0.0, 1e308, 5e-324, f64::INFINITY, f64::NEG_INFINITY] {
            let text = serde_json::to_string(&Tally { rows: 1, amount }).unwrap();
            let back: Tally = serde_json::from_str(&text).unwrap();
            assert_eq!(back.amount.to_bits(), amount.to_bits(), "{text}");
        }
    }
}
