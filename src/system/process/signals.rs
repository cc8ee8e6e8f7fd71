//! Ctrl-C: once to stop in good order, twice to stop now.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::Children;

/// How often a second signal, the end of the grace time or the end of the run is looked for.
const TICK: Duration = Duration::from_millis(20);

/// What a signal made happen, for whoever tells people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// This many children were asked to stop.
    Asked(usize),
    /// They are being ended: a second signal came, or the grace time is over.
    Ended,
}

/// Listens for SIGINT, SIGTERM and SIGHUP until dropped, and stops the children of a run.
#[derive(Debug)]
pub struct Signals {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    inner: signal_hook::iterator::Handle,
}

impl Signals {
    /// Listens; `told` hears of what was done.
    ///
    /// # Errors
    /// The operating system does not let us.
    pub fn listen(children: Arc<Children>, told: impl Fn(Stop) + Send + 'static) -> std::io::Result<Self> {
        let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let inner = signals.handle();
        let over = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&over);
        let thread = thread::spawn(move || {
            if signals.forever().next().is_none() {
                return;
            }
            told(Stop::Asked(children.interrupt()));
            let deadline = Instant::now() + children.grace();
            while !is_over.load(Ordering::SeqCst) {
                if signals.pending().next().is_some() || Instant::now() >= deadline {
                    told(Stop::Ended);
                    children.end();
                    return;
                }
                thread::sleep(TICK);
            }
        });
        Ok(Self { over, thread: Some(thread), inner })
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        self.inner.close();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// A flag that the first SIGINT or SIGTERM raises; the second ends the program at once, with 1.
///
/// # Errors
/// The operating system does not let us listen.
pub fn flag() -> std::io::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the flag is not up yet when the first one comes.
        signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&flag))?;
        signal_hook::flag::register(signal, Arc::clone(&flag))?;
    }
    Ok(flag)
}
