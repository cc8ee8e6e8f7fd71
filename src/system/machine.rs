//! The machine groundwork runs on.

use std::thread;

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// How many processors it has for us.
pub fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// How much memory is free, in bytes; within a container, of the container's.
pub fn free_memory() -> u64 {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let Ok(system) = System::new_with_specifics(memory) else { return u64::MAX };
    let limit = system.cgroup_limits().map_or(u64::MAX, |limits| limits.free_memory);
    system.available_memory().min(limit)
}

/// What it calls itself; empty where it has no name.
pub fn host() -> String {
    System::host_name().unwrap_or_default()
}

/// How many characters a line of stdout has, if that is a terminal.
pub fn terminal_width() -> Option<usize> {
    rustix::termios::tcgetwinsize(std::io::stdout())
        .ok()
        .map(|size| usize::from(size.ws_col))
        .filter(|width| *width > 0)
}
