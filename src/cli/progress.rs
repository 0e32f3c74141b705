//! Progress on a terminal, with the time left; nothing when standard error is piped. And the user's interrupt.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::experiment::Progress;

/// How often the bar is drawn.
const REDRAW: Duration = Duration::from_millis(200);

/// Shows `progress` until it is dropped.
pub(super) struct Bar {
    shown: Option<(ProgressBar, Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Bar {
    /// A bar towards `total` group-replications; hidden unless `wanted` and on a terminal.
    pub(super) fn new(progress: &Arc<Progress>, total: u64, wanted: bool) -> Bar {
        if !wanted || !std::io::stderr().is_terminal() {
            return Bar { shown: None };
        }
        let bar = ProgressBar::new(total);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {eta} left") {
            bar.set_style(style);
        }
        let over = Arc::new(AtomicBool::new(false));
        let (drawn, ended, progress) = (bar.clone(), over.clone(), progress.clone());
        let draw = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                drawn.set_position(progress.done.load(Ordering::Relaxed));
                std::thread::sleep(REDRAW);
            }
        });
        Bar { shown: Some((bar, over, draw)) }
    }

    /// More work turned up.
    pub(super) fn extend(&self, total: u64) {
        if let Some((bar, ..)) = &self.shown {
            bar.set_length(total);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some((bar, over, draw)) = self.shown.take() {
            over.store(true, Ordering::Relaxed);
            let _ = draw.join();
            bar.finish_and_clear();
        }
    }
}

/// The progress of all that a command simulates. A first interrupt asks it to stop at the next opportunity, a second one
/// ends the program at once.
pub(super) fn stopped_by_interrupt() -> Arc<Progress> {
    let stopped = Arc::new(Progress::default());
    let progress = stopped.clone();
    // Without a handler an interrupt ends the program at once, which loses nothing that is on disk.
    let _ = ctrlc::set_handler(move || {
        if progress.interrupted.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    stopped
}
