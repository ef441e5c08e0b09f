//! Keys that take one value, or a list of them.

use serde::{Deserialize, Deserializer, de};

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

/// One value, or a list of them.
///
/// # Errors
/// `expected`, which says what the key takes.
pub(super) fn one_or_more<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<Vec<T>, D::Error> {
    match OneOrMore::deserialize(deserializer) {
        Ok(OneOrMore::One(value)) => Ok(vec![value]),
        Ok(OneOrMore::More(values)) => Ok(values),
        Err(_) => Err(de::Error::custom(expected)),
    }
}
