//! Many at a time, and of these only some at once in what takes a processor.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

/// Does `work` for every task, `jobs` at a time, in the order they are in. Tasks left when `stop` says so are passed
/// to `left` instead.
pub(crate) fn each<T: Sync, R: Send>(
    tasks: &[T],
    jobs: usize,
    stop: &(dyn Fn() -> bool + Sync),
    work: &(dyn Fn(&T) -> R + Sync),
    left: &(dyn Fn(&T) -> R + Sync),
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(tasks.len()));
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, tasks.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    let Some(task) = tasks.get(index) else { break };
                    let result = if stop() { left(task) } else { work(task) };
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// So many at once, and no more.
#[derive(Debug)]
pub(crate) struct Slots {
    free: Mutex<usize>,
    changed: Condvar,
}

impl Slots {
    pub(crate) fn new(number: usize) -> Self {
        Self { free: Mutex::new(number.max(1)), changed: Condvar::new() }
    }

    /// Waits for one, does it, and gives the slot back.
    pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.changed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        drop(free);
        let _back = Back(self);
        work()
    }
}

/// Gives a slot back, whatever happens.
struct Back<'a>(&'a Slots);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once_in_order_and_within_its_limits() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let slots = Slots::new(2);
        let tasks: Vec<usize> = (0..200).collect();
        let done = each(
            &tasks,
            7,
            &|| false,
            &|task| {
                slots.within(|| {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::yield_now();
                    now.fetch_sub(1, Ordering::SeqCst);
                    *task
                })
            },
            &|_| usize::MAX,
        );
        assert_eq!(done, tasks);
        assert!((1..=2).contains(&most.load(Ordering::SeqCst)));
    }

    #[test]
    fn what_is_left_after_a_stop_is_passed_on() {
        let begun = AtomicUsize::new(0);
        let tasks: Vec<usize> = (0..50).collect();
        let stop = || begun.load(Ordering::SeqCst) >= 10;
        let done = each(&tasks, 1, &stop, &|_| begun.fetch_add(1, Ordering::SeqCst) < usize::MAX, &|_| false);
        assert_eq!(done.iter().filter(|begun| **begun).count(), 10);
        assert_eq!(done.len(), 50);
    }
}
