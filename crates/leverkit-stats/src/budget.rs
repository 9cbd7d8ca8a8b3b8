//! Work that can be stopped, has a time-out and says how far it has come.
//!
//! Outer loops (passes over parts, replicates, iterations, draws) call [`check`]. Where the work is to end, it unwinds to the place that started it, without the
//! panic hook: a flag in the results of all kernels would be in every signature and be looked at by nobody. Work that was not started here is not stopped.
//!
//! Each call runs on threads of its own for as long as it lasts, so that a thread knows for whom it works. Pools are kept for the next call; a pool whose call
//! was stopped comes back when its last thread has noticed.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rayon::iter::{Inspect, PanicFuse, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// So many calls at once have all threads; any more have one each, so that many small calls do not crowd the machine.
const WIDE: usize = 4;

/// The work was stopped, or its time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the work was stopped before it was done")]
pub struct Stopped;

/// How long work may take.
///
/// ```
/// use std::time::Duration;
/// use leverkit_stats::{Budget, Stopped, bootstrap};
/// let work = |replicates| move || bootstrap(1000, replicates, 7, |draws| draws[0]);
/// assert_eq!(Budget::within(Duration::from_secs(60)).run(work(10)).unwrap()?.len(), 10);
/// assert_eq!(Budget::within(Duration::from_millis(20)).run(work(1_000_000)).unwrap_err(), Stopped);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Budget {
    time: Option<Duration>,
}

impl Budget {
    /// Work that takes as long as it takes.
    pub const UNLIMITED: Self = Self { time: None };

    /// Work that is stopped after a time.
    pub const fn within(time: Duration) -> Self {
        Self { time: Some(time) }
    }

    /// Runs work and waits for it.
    ///
    /// # Errors
    /// [`Stopped`] where the time was over before the work was done.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Stopped> {
        // Without threads to be had, the work is done here; only nobody can stop it.
        let Ok(leased) = Leased::take(self.time) else { return Ok(work()) };
        catch_unwind(AssertUnwindSafe(|| leased.pool.install(work))).map_err(stopped_or_panic)
    }

    /// Starts work and returns at once.
    ///
    /// # Errors
    /// The system's words where it gives no threads.
    pub fn start<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<Running<T>, String> {
        let leased = Leased::take(self.time)?;
        let (sender, receiver) = channel();
        let (call, pool) = (Arc::clone(&leased.call), Arc::clone(&leased.pool));
        let mark = leased.mark;
        pool.spawn(move || {
            let found = catch_unwind(AssertUnwindSafe(work));
            // The pool is free before the caller goes on to the next call.
            drop(leased);
            // The receiver is gone where nobody wants the result any more.
            let _ = sender.send(found);
        });
        Ok(Running { receiver: Mutex::new(receiver), call, mark })
    }
}

/// Only a stop is a result; any other panic goes on.
fn stopped_or_panic(payload: Box<dyn Any + Send>) -> Stopped {
    match payload.downcast::<Stopped>() {
        Ok(stopped) => *stopped,
        Err(panic) => resume_unwind(panic),
    }
}

/// What came of work, or the payload of its panic.
pub type Outcome<T> = Result<T, Box<dyn Any + Send>>;

/// Work on its way. Dropped before it is done, it is stopped.
///
/// ```
/// use std::time::Duration;
/// use leverkit_stats::{Budget, Stopped, bootstrap};
/// let running = Budget::within(Duration::from_secs(60)).start(|| bootstrap(1000, 10, 7, |draws| draws[0])).unwrap();
/// let found = running.wait(Duration::from_secs(60)).unwrap().unwrap();
/// assert_eq!(found?.len(), 10);
/// // Work whose time is over ends with `Stopped`; meanwhile it tells how far it is.
/// let slow = Budget::within(Duration::from_millis(20)).start(|| bootstrap(1000, 1_000_000, 7, |draws| draws[0])).unwrap();
/// assert!(slow.wait(Duration::ZERO).is_none() && slow.progress().0 <= 1_000_000);
/// assert!(slow.wait(Duration::from_secs(60)).unwrap().unwrap_err().is::<Stopped>());
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
#[derive(Debug)]
pub struct Running<T> {
    receiver: Mutex<Receiver<Outcome<T>>>,
    call: Arc<Call>,
    mark: u64,
}

impl<T> Running<T> {
    /// What came of it, if that is known within a time; a panic's payload where it panicked, which is [`Stopped`] where it was stopped.
    pub fn wait(&self, time: Duration) -> Option<Outcome<T>> {
        match lock(&self.receiver).recv_timeout(time) {
            Ok(found) => Some(found),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Err(Box::new("the work ended without a result"))),
        }
    }

    /// How many steps are done, and of how many; 0 where that is not known.
    pub fn progress(&self) -> (u64, u64) {
        let total = self.call.total.load(Relaxed);
        (self.call.done.load(Relaxed), if total == UNKNOWN { 0 } else { total })
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.call.stop(self.mark);
    }
}

/// What the threads of a pool know of the call that they work for.
#[derive(Debug, Default)]
struct Call {
    is_stopped: AtomicBool,
    has_deadline: AtomicBool,
    deadline: Mutex<Option<Instant>>,
    done: AtomicU64,
    total: AtomicU64,
    /// Which of the pool's calls it is: a stop that comes too late must not hit the next one.
    mark: Mutex<u64>,
}

impl Call {
    fn begin(&self, time: Option<Duration>) -> u64 {
        let mut mark = lock(&self.mark);
        *mark += 1;
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        *lock(&self.deadline) = deadline;
        self.has_deadline.store(deadline.is_some(), Relaxed);
        self.is_stopped.store(false, Relaxed);
        self.done.store(0, Relaxed);
        self.total.store(0, Relaxed);
        *mark
    }

    fn stop(&self, which: u64) {
        let mark = lock(&self.mark);
        if *mark == which {
            self.is_stopped.store(true, Relaxed);
        }
    }

    fn is_over(&self) -> bool {
        if self.has_deadline.load(Relaxed) && lock(&self.deadline).is_some_and(|deadline| Instant::now() >= deadline) {
            self.is_stopped.store(true, Relaxed);
        }
        self.is_stopped.load(Relaxed)
    }
}

thread_local! {
    /// The call that this thread works for.
    static CALL: RefCell<Option<Arc<Call>>> = const { RefCell::new(None) };
}

fn of_this_thread<R>(ask: impl FnOnce(&Call) -> R) -> Option<R> {
    CALL.with_borrow(|call| call.as_deref().map(ask))
}

/// Ends the work of this thread's call if it was stopped or its time is over. A few nanoseconds: for outer loops, not for inner ones.
///
/// ```
/// leverkit_stats::budget::check(); // Nobody stops work that has no budget.
/// ```
pub fn check() {
    if of_this_thread(Call::is_over).unwrap_or(false) {
        // Not a panic: nothing is wrong, so nothing is printed.
        resume_unwind(Box::new(Stopped));
    }
}

/// Parallel iterators that look whether their work is to end.
///
/// ```
/// use leverkit_stats::budget::Watched;
/// use rayon::prelude::*;
/// assert_eq!((0..100).into_par_iter().watched().sum::<i32>(), 4950);
/// ```
pub trait Watched: ParallelIterator {
    /// Calls [`check`] for each item. One thread unwinds; the others stop by the fuse: unwinding costs more than most items.
    fn watched(self) -> Inspect<PanicFuse<Self>, fn(&Self::Item)> {
        self.panic_fuse().inspect(each)
    }
}

impl<I: ParallelIterator> Watched for I {}

fn each<T>(_: &T) {
    check();
}

/// The number of steps ahead where nobody knows it.
const UNKNOWN: u64 = u64::MAX;

/// The steps of a loop, for progress. The outermost loop that has them tells how far the work has come; loops within add nothing to it.
///
/// ```
/// use leverkit_stats::budget::Steps;
/// let steps = Steps::of(3);
/// (0..3).for_each(|_| steps.done());
/// // As a stream is read.
/// let steps = Steps::unknown();
/// [10, 20].into_iter().for_each(|rows| steps.done_more(rows));
/// ```
#[derive(Debug)]
pub struct Steps {
    tell: bool,
}

impl Steps {
    /// So many steps lie ahead.
    pub fn of(steps: usize) -> Self {
        Self::begin(steps as u64)
    }

    /// Nobody knows how many steps lie ahead, as when a stream is read.
    pub fn unknown() -> Self {
        Self::begin(UNKNOWN)
    }

    fn begin(steps: u64) -> Self {
        let begin = |call: &Call| {
            let is_first = call.total.compare_exchange(0, steps, Relaxed, Relaxed).is_ok();
            if is_first {
                call.done.store(0, Relaxed);
            }
            is_first
        };
        Self { tell: of_this_thread(begin).unwrap_or(false) }
    }

    /// One of them is done; as [`check`].
    pub fn done(&self) {
        self.done_more(1);
    }

    /// So many of them are done; as [`check`].
    pub fn done_more(&self, steps: usize) {
        if self.tell {
            of_this_thread(|call| call.done.fetch_add(steps as u64, Relaxed));
        }
        check();
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        if self.tell {
            of_this_thread(|call| call.total.store(0, Relaxed));
        }
    }
}

/// A pool for one call; it goes back to the others when the call's work has ended.
struct Leased {
    pool: Arc<ThreadPool>,
    call: Arc<Call>,
    mark: u64,
    is_wide: bool,
}

impl Leased {
    fn take(time: Option<Duration>) -> Result<Self, String> {
        let (idle, is_wide) = pools().take();
        let (pool, call) = match idle {
            Some(idle) => idle,
            None => made(if is_wide { threads() } else { 1 })?,
        };
        let mark = call.begin(time);
        Ok(Self { pool, call, mark, is_wide })
    }
}

impl Drop for Leased {
    fn drop(&mut self) {
        if self.is_wide {
            pools().idle.push((Arc::clone(&self.pool), Arc::clone(&self.call)));
        }
    }
}

type Pool = (Arc<ThreadPool>, Arc<Call>);

/// The pools of a process: threads do not survive a fork, so a child makes its own.
struct Pools {
    process: u32,
    idle: Vec<Pool>,
    /// Wide pools that there are, idle or not.
    wide: usize,
}

impl Pools {
    /// A pool that is idle, if there is one, and whether it is wide or may be.
    fn take(&mut self) -> (Option<Pool>, bool) {
        let idle = self.idle.pop();
        let is_wide = idle.is_some() || self.wide < WIDE;
        self.wide += usize::from(idle.is_none() && is_wide);
        (idle, is_wide)
    }
}

/// Never held for long: a process may fork at any time, and its child would find it locked for ever.
fn pools() -> MutexGuard<'static, Pools> {
    static POOLS: Mutex<Pools> = Mutex::new(Pools { process: 0, idle: Vec::new(), wide: 0 });
    let (mut pools, process) = (lock(&POOLS), std::process::id());
    if pools.process != process {
        // The parent's pools must not be dropped here: their threads are not ours to stop.
        std::mem::forget(std::mem::replace(&mut *pools, Pools { process, idle: Vec::new(), wide: 0 }));
    }
    pools
}

/// A pool whose threads know their call.
fn made(threads: usize) -> Result<Pool, String> {
    let call = Arc::new(Call::default());
    let of_threads = Arc::clone(&call);
    let begin = move |_| CALL.set(Some(Arc::clone(&of_threads)));
    let pool = ThreadPoolBuilder::new().num_threads(threads).start_handler(begin).build();
    Ok((Arc::new(pool.map_err(|error| error.to_string())?), call))
}

/// `LEVERKIT_MAX_THREADS`, or as many as there are cores.
fn threads() -> usize {
    std::env::var("LEVERKIT_MAX_THREADS").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    /// Ten thousand steps of a millisecond.
    fn long() -> u64 {
        let step = |i| {
            std::thread::sleep(Duration::from_millis(1));
            i
        };
        (0..10_000_u64).into_par_iter().watched().map(step).sum()
    }

    #[test]
    fn work_that_is_dropped_stops_and_the_next_call_is_answered() {
        let running = Budget::UNLIMITED.start(long).unwrap();
        assert!(running.wait(Duration::from_millis(30)).is_none());
        let call = Arc::clone(&running.call);
        drop(running);
        assert_eq!(Budget::UNLIMITED.run(|| 7), Ok(7));
        let begun = Instant::now();
        while pools().idle.iter().all(|(_, other)| !Arc::ptr_eq(other, &call)) {
            assert!(begun.elapsed() < Duration::from_secs(5), "the threads went on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_stop_that_comes_too_late_does_not_hit_the_next_call() {
        let call = Call::default();
        let first = call.begin(None);
        let second = call.begin(None);
        call.stop(first);
        assert!(!call.is_over());
        call.stop(second);
        assert!(call.is_over());
    }

    #[test]
    fn time_outs_end_work_and_panics_go_on() {
        assert_eq!(Budget::within(Duration::from_millis(10)).run(long), Err(Stopped));
        let panic = catch_unwind(|| Budget::UNLIMITED.run(|| -> u8 { resume_unwind(Box::new("mine")) })).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"mine"));
    }

    #[test]
    fn the_outermost_loop_tells_how_far_the_work_has_come() {
        let (sender, told) = channel();
        let (go_on, wait) = channel();
        let running = Budget::UNLIMITED.start(move || {
            let outer = Steps::of(3);
            outer.done();
            let inner = Steps::of(100);
            inner.done();
            drop(inner);
            outer.done();
            sender.send(()).unwrap();
            wait.recv().unwrap();
        });
        let running = running.unwrap();
        told.recv().unwrap();
        assert_eq!(running.progress(), (2, 3));
        go_on.send(()).unwrap();
        assert!(running.wait(Duration::from_secs(5)).is_some());
    }
}
