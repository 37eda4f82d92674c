//! Processor time and memory, as the kernel counts them.

use std::fs;

/// What a tick of `/proc` is: the kernel has said 1/100 s to programs for decades.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of this process, all its threads.
pub fn program_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = fields(&stat);
    ticks(&fields, &[11, 12])
}

/// Seconds of a process and of its children, dead ones too: a PostgreSQL server, or a package's program.
pub fn family_seconds(parent: u32) -> f64 {
    // A child that ends in between would be missed, or counted twice: then the children are counted anew.
    let own = || {
        let stat = fs::read_to_string(format!("/proc/{parent}/stat")).unwrap_or_default();
        let fields = fields(&stat);
        (ticks(&fields, &[11, 12]), ticks(&fields, &[13, 14]))
    };
    loop {
        let before = own();
        let living = children_seconds(parent);
        let after = own();
        #[expect(clippy::float_cmp, reason = "whole ticks, read twice")]
        if before.1 == after.1 {
            return before.0 + before.1 + living;
        }
    }
}

fn children_seconds(parent: u32) -> f64 {
    let parent = parent.to_string();
    let Ok(processes) = fs::read_dir("/proc") else {
        return f64::NAN;
    };
    let mut seconds = 0.0;
    for process in processes.flatten() {
        let name = process.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields = fields(&stat);
        if fields.get(1).is_some_and(|its| *its == parent) {
            seconds += ticks(&fields, &[11, 12]);
        }
    }
    seconds
}

/// The process that started this one.
pub fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    fields(&stat).get(1)?.parse().ok()
}

/// The fields behind the name, which may itself hold blanks: state, parent, …
fn fields(stat: &str) -> Vec<&str> {
    stat.rsplit_once(')')
        .map_or(Vec::new(), |(_, rest)| rest.split_whitespace().collect())
}

fn ticks(fields: &[&str], which: &[usize]) -> f64 {
    let tick = |index: &usize| fields.get(*index)?.parse::<f64>().ok();
    which.iter().filter_map(tick).sum::<f64>() / TICKS_PER_SECOND
}

/// A figure from `/proc/self/status` (`VmRSS`, `VmHWM`), in MB.
pub fn memory_mb(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1024.0)
}

/// Lets `VmHWM` begin again from what is in use now, where the kernel allows it.
pub fn forget_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}
