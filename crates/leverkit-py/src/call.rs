//! Running work for Python: one helper for all calls.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Failure, internal};

/// How often a waiting call looks for Ctrl-C.
const PATIENCE: Duration = Duration::from_millis(50);

/// Runs work on the pool without holding the interpreter.
///
/// Errors become the exception of their variant, a panic becomes `InternalError`. On Ctrl-C the call returns at once;
/// the work's result is dropped when it comes.
pub(crate) fn run<T, E>(py: Python<'_>, work: impl FnOnce() -> Result<T, E> + Send + 'static) -> PyResult<T>
where
    T: Send + 'static,
    E: Into<Failure> + Send + 'static,
{
    let pool = pool().map_err(|reason| internal(py, &reason))?;
    let (sender, mut receiver) = channel();
    pool.spawn(move || {
        // The receiver is gone after Ctrl-C; then nobody wants the result.
        let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
    });
    loop {
        let result;
        (receiver, result) = py.detach(move || {
            let result = receiver.recv_timeout(PATIENCE);
            (receiver, result)
        });
        match result {
            Ok(Ok(outcome)) => return outcome.map_err(|error| error.into().into_py(py)),
            Ok(Err(panic)) => return Err(internal(py, &panic_text(panic.as_ref()))),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => return Err(internal(py, "the work ended without a result")),
        }
    }
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

/// The thread pool of this process. Threads do not survive a fork, so a child makes a pool of its own.
fn pool() -> Result<Arc<ThreadPool>, String> {
    static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);
    let process = std::process::id();
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((owner, known)) = pool.as_ref()
        && *owner == process
    {
        return Ok(known.clone());
    }
    let fresh = Arc::new(ThreadPoolBuilder::new().num_threads(threads()).build().map_err(|error| error.to_string())?);
    // The parent's pool must not be dropped here: its threads are not ours to stop.
    std::mem::forget(pool.replace((process, fresh.clone())));
    Ok(fresh)
}

/// `LEVERKIT_MAX_THREADS`, or as many as there are cores.
fn threads() -> usize {
    std::env::var("LEVERKIT_MAX_THREADS").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}
