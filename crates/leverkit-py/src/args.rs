//! How arguments arrive: keyword arguments become the engine's parameters by serde, whose defaults stand once, in Rust.

use std::sync::Arc;

use leverkit::Ledger;
use leverkit::core::{Day, Error as CoreError, Params, Table, parse_day};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};
use pythonize::{Depythonizer, PythonizeError, pythonize};
use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_path_to_error::Error;

use crate::call::{ask, run};
use crate::error::{Failure, raised};
use crate::frame::{stream_of, whole};
use crate::text::Text;

/// Keyword arguments as they were given.
pub(crate) type Given<'a, 'py> = &'a Bound<'py, PyDict>;

/// What parameters of an analysis are: checked, and known to serde.
pub(crate) trait Asked: Params + Serialize + DeserializeOwned + Send + 'static {}

impl<P: Params + Serialize + DeserializeOwned + Send + 'static> Asked for P {}

/// The parameters of an analysis.
pub(crate) fn params<P: Asked>(py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<P> {
    let given = given.cloned().unwrap_or_else(|| PyDict::new(py));
    let params = read(&given).map_err(|error| {
        let expected = range::<P>(&given, &error).unwrap_or_else(|| expected(&error.inner().to_string()));
        refused("", &given, &error, &expected).into_py(py)
    })?;
    check_flags(&given, &params)?;
    Ok(params)
}

/// Runs an analysis of a shared value with parameters that arrived as keyword arguments.
pub(crate) fn analyse<S, P, T, E, R>(
    py: Python<'_>,
    shared: &Arc<S>,
    given: Option<Given<'_, '_>>,
    analysis: fn(&S, &P) -> Result<T, E>,
) -> PyResult<R>
where
    S: Send + Sync + 'static,
    P: Asked,
    T: 'static,
    E: Into<Failure> + Send + 'static,
    R: From<T> + Send + 'static,
{
    let params = params(py, given)?;
    ask(py, shared, move |shared| analysis(shared, &params))
}

/// Runs an analysis of a table likewise; `columns` are those that it reads.
pub(crate) fn analyse_table<P, T, E, R>(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    given: Option<Given<'_, '_>>,
    columns: fn(&P) -> Vec<String>,
    analysis: fn(&Table, &P) -> Result<T, E>,
) -> PyResult<R>
where
    P: Asked,
    T: 'static,
    E: From<CoreError> + Into<Failure> + Send + 'static,
    R: From<T> + Send + 'static,
{
    let (params, stream) = (params(py, given)?, stream_of(data)?);
    run(py, move || analysis(&whole::<E>(stream, &columns(&params))?, &params).map(R::from))
}

/// Keyword arguments of any other type.
pub(crate) fn arguments<T: DeserializeOwned>(py: Python<'_>, given: Option<Given<'_, '_>>) -> PyResult<T> {
    argument("", given.unwrap_or(&PyDict::new(py)))
}

/// One argument of a type that serde knows.
pub(crate) fn argument<T: DeserializeOwned>(name: &str, given: &Bound<'_, PyAny>) -> PyResult<T> {
    let wrong = |error: Error<_>| refused(name, given, &error, &expected(&error.inner().to_string()));
    read(given).map_err(|error| wrong(error).into_py(given.py()))
}

/// A choice such as `"net"`; the error lists what there is.
pub(crate) fn choice<T: DeserializeOwned>(py: Python<'_>, name: &str, text: &str) -> PyResult<T> {
    T::deserialize(text.into_deserializer()).map_err(|error: serde::de::value::Error| {
        Failure::parameter(name, &format!("{text:?}"), &expected(&error.to_string())).into_py(py)
    })
}

/// A whole number. One beyond 64 bits is the farthest within them, which the limits refuse with their words.
pub(crate) fn integer(given: &Bound<'_, PyAny>) -> PyResult<i64> {
    given.extract().or_else(|error: PyErr| {
        if !error.is_instance_of::<PyOverflowError>(given.py()) {
            return Err(error);
        }
        Ok(if given.lt(0)? { i64::MIN } else { i64::MAX })
    })
}

/// A seed: the last 64 bits of a whole number of any size.
pub(crate) fn seed(given: &Bound<'_, PyAny>) -> PyResult<u64> {
    let whole = given.py().import("operator")?.call_method1("index", (given,))?;
    whole.bitand(u64::MAX)?.extract()
}

/// A number of days.
pub(crate) fn days(py: Python<'_>, name: &str, days: i64) -> PyResult<u32> {
    u32::try_from(days).map_err(|_| Failure::parameter(name, &days.to_string(), "1 to 36,500 days").into_py(py))
}

/// An optional ISO day.
pub(crate) fn day(py: Python<'_>, name: &str, text: Option<Text>) -> PyResult<Option<Day>> {
    text.map(|text| parse_day(name, &text).map_err(raised(py))).transpose()
}

/// How many.
pub(crate) fn count(py: Python<'_>, name: &str, n: i64) -> PyResult<usize> {
    usize::try_from(n).map_err(|_| Failure::parameter(name, &n.to_string(), "at least 1").into_py(py))
}

fn read<T: DeserializeOwned>(given: &Bound<'_, PyAny>) -> Result<T, Error<PythonizeError>> {
    serde_path_to_error::deserialize(&mut Depythonizer::from_object(given))
}

/// What is expected of a whole number that does not fit its type: what the check says of zero.
fn range<P: Asked>(given: Given<'_, '_>, error: &Error<PythonizeError>) -> Option<String> {
    part(given, error).call_method0("__index__").ok()?;
    let name = name_of(error);
    let again = given.copy().ok()?;
    match again.get_item(&name).ok()??.len() {
        Ok(numbers) => again.set_item(&name, vec![0; numbers]).ok()?,
        Err(_) => again.set_item(&name, 0).ok()?,
    }
    match read::<P>(&again).ok()?.check().err()? {
        CoreError::Parameter { parameter, expected, .. } if parameter == name => Some(expected),
        _ => None,
    }
}

/// The argument that an error is about, or the part of it; one of several values goes by the name of all.
fn name_of(error: &Error<PythonizeError>) -> String {
    let path = error.path().to_string();
    let of_all = path.strip_suffix(']').and_then(|path| path.rsplit_once('[')).map_or(&*path, |(name, _)| name);
    of_all.trim_start_matches('.').to_owned()
}

/// What stands for a flag is true or false: Python would take any value for one of them.
fn check_flags<P: Serialize>(given: Given<'_, '_>, params: &P) -> PyResult<()> {
    let read = pythonize(given.py(), params)?;
    for (name, value) in given {
        let is_flag = read.get_item(&name).is_ok_and(|read| read.is_instance_of::<PyBool>());
        if is_flag && value.extract::<bool>().is_err() {
            return Err(Failure::parameter(&name.to_string(), &written(&value), "true or false").into_py(given.py()));
        }
    }
    Ok(())
}

/// The error that names the argument, or the part of it, and its value.
fn refused(name: &str, given: &Bound<'_, PyAny>, error: &Error<PythonizeError>, expected: &str) -> Failure {
    let names = [name.to_owned(), name_of(error)].into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>();
    Failure::parameter(&names.join("."), &written(&part(given, error)), expected)
}

/// The part of an argument that an error's path leads to, as far as it leads.
fn part<'py>(given: &Bound<'py, PyAny>, error: &Error<PythonizeError>) -> Bound<'py, PyAny> {
    use serde_path_to_error::Segment;
    let mut part = given.clone();
    for segment in error.path() {
        let next = match segment {
            Segment::Seq { index } => part.get_item(index),
            Segment::Map { key } => part.get_item(key),
            Segment::Enum { .. } | Segment::Unknown => break,
        };
        let Ok(next) = next else { break };
        part = next;
    }
    part
}

/// A value as errors of the engines write it: text in double quotes, all else as Python does.
pub(crate) fn written(value: &Bound<'_, PyAny>) -> String {
    match value.cast::<PyString>() {
        Ok(text) => format!("{:?}", text.to_string_lossy()),
        Err(_) => value.repr().map_or_else(|_| unwritten(value), |text| text.to_string_lossy().into_owned()),
    }
}

/// A value that Python does not write, such as a whole number of more than 4,300 digits.
fn unwritten(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "a value".into(), |kind| format!("a value of type {kind}"))
}

/// What a message of serde, or of Python, says is expected.
fn expected(message: &str) -> String {
    if let Some((_, expected)) = message.split_once("expected ") {
        let words = expected.trim_start_matches("one of ").replace('`', "\"");
        return match words.rsplit_once(", ") {
            Some((first, last)) if expected.starts_with("one of ") => format!("{first} or {last}"),
            _ => words,
        };
    }
    let kinds = [
        ("surrogates", "text without halves of surrogate pairs"),
        ("integer", "a whole number"),
        ("int", "a whole number in range"),
        ("real number", "a number"),
    ];
    let kind = kinds.iter().find(|(sign, _)| message.contains(sign));
    kind.map_or_else(|| format!("another value: {message}"), |(_, kind)| (*kind).to_owned())
}

/// The defaults of an analysis, by its name in Python.
pub(crate) type NamedDefaults<'py> = (String, Bound<'py, PyAny>);

/// The defaults of an analysis of a ledger, by its module, `crate::engine::topic`, and its function; `clv_summary` is `clv.summary` in Python.
pub(crate) fn defaults_of_analysis<'py, P: Default + Serialize, T, E>(
    py: Python<'py>,
    module: &str,
    name: &str,
    _: fn(&Ledger, &P) -> Result<T, E>,
) -> PyResult<NamedDefaults<'py>> {
    let engine = module.split("::").nth(1).unwrap_or_default();
    let name = name.strip_prefix("clv_").unwrap_or(name);
    Ok((format!("{engine}.{name}"), defaults_of::<P>(py)?))
}

/// The defaults of parameters, as Python has them.
pub(crate) fn defaults_of<P: Default + Serialize>(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    Ok(pythonize(py, &P::default())?)
}
