//! Running work for Python: one helper for all calls.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use leverkit::stats::{Budget, Running};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::error::{Failure, internal};

/// How often a waiting call looks for Ctrl-C.
const PATIENCE: Duration = Duration::from_millis(50);

/// Runs work on threads of its own without holding the interpreter.
///
/// Errors become the exception of their variant, a panic becomes `InternalError`. On Ctrl-C the call returns at once, and its work stops.
pub(crate) fn run<T, E>(py: Python<'_>, work: impl FnOnce() -> Result<T, E> + Send + 'static) -> PyResult<T>
where
    T: Send + 'static,
    E: Into<Failure> + Send + 'static,
{
    let running = Budget::UNLIMITED.start(work).map_err(|reason| internal(py, &reason))?;
    loop {
        match py.detach(|| running.wait(PATIENCE)) {
            Some(Ok(outcome)) => return outcome.map_err(|error| error.into().into_py(py)),
            Some(Err(panic)) => return Err(internal(py, &panic_text(panic.as_ref()))),
            None => look_up(py, &running)?,
        }
    }
}

/// What a waiting call does from time to time: it looks for Ctrl-C, and tells how far the work has come.
fn look_up<T>(py: Python<'_>, running: &Running<T>) -> PyResult<()> {
    static TELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    py.check_signals()?;
    let (done, expected) = running.progress();
    let tell =
        TELL.get_or_try_init(py, || Ok::<_, PyErr>(py.import("leverkit._lib.progress")?.getattr("tell")?.unbind()))?;
    tell.call1(py, (done, expected)).map(drop)
}

/// Runs work on a shared value; what it finds becomes its class of Python.
pub(crate) fn ask<S, T, E, R>(
    py: Python<'_>,
    shared: &Arc<S>,
    work: impl FnOnce(&S) -> Result<T, E> + Send + 'static,
) -> PyResult<R>
where
    S: Send + Sync + 'static,
    E: Into<Failure> + Send + 'static,
    R: From<T> + Send + 'static,
{
    let shared = Arc::clone(shared);
    run(py, move || work(&shared).map(R::from))
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}
