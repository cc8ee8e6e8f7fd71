//! A run, watched: live on a terminal, a line for everything that matters elsewhere.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{BAD, GOOD, HINT, Ui};
use crate::organization::AccountKey;
use crate::output;
use crate::run::{Entry, Event, Observer, Outcome, Step};
use crate::text::{Count, inert};

/// Accounts that are shown while they are worked on; the rest are counted.
const MOST_RUNNING: usize = 8;

const CAREFUL: Style = AnsiColor::Yellow.on_default().bold();

/// Watches a run.
pub struct Watch<'a> {
    ui: &'a Ui,
    verbose: bool,
    state: Mutex<State>,
}

struct State {
    /// Nothing where there is no terminal.
    screen: Option<Screen>,
    total: usize,
    done: usize,
    failed: usize,
    running: BTreeMap<AccountKey, (Instant, Step)>,
    begun: Instant,
}

struct Screen {
    all: MultiProgress,
    head: ProgressBar,
    lines: Vec<ProgressBar>,
}

impl<'a> Watch<'a> {
    /// Watches a run of that many accounts. With `verbose` every step is a line.
    pub fn new(ui: &'a Ui, total: usize, verbose: bool) -> Self {
        let screen = ui.is_live().then(|| {
            let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            let head = all.add(ProgressBar::new(total as u64));
            if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}") {
                head.set_style(style);
            }
            head.enable_steady_tick(Duration::from_millis(500));
            let lines = (0..=MOST_RUNNING).map(|_| {
                let line = all.add(ProgressBar::new_spinner());
                if let Ok(style) = ProgressStyle::with_template("  {wide_msg}") {
                    line.set_style(style);
                }
                line
            });
            let lines = lines.collect();
            Screen { all, head, lines }
        });
        let state = State { screen, total, done: 0, failed: 0, running: BTreeMap::new(), begun: Instant::now() };
        Self { ui, verbose, state: Mutex::new(state) }
    }

    fn say(&self, state: &State, text: &str) {
        match &state.screen {
            Some(screen) => screen.all.suspend(|| self.ui.line(text)),
            None => self.ui.line(text),
        }
    }

    /// Something to know on the way, which does not disturb the screen.
    pub fn note(&self, text: &str) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.say(&state, text);
    }
}

impl Observer for Watch<'_> {
    fn told(&self, event: Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Wave(name, accounts) => {
                if !self.ui.quiet {
                    self.say(&state, &format!("wave {}: {}", inert(name), Count(accounts, "account")));
                }
            }
            Event::At(key, step) => {
                let begun = state.running.get(key).map_or_else(Instant::now, |(begun, _)| *begun);
                state.running.insert(key.clone(), (begun, step));
                if self.verbose {
                    self.say(&state, &format!("{key}: {}", step.as_str()));
                }
            }
            Event::Again { account, why, pause } => {
                let seconds = pause.as_secs_f64();
                self.say(&state, &format!("{account}: {why}; again in {seconds:.1} s"));
            }
            Event::Ended(entry, lines) => {
                state.done += 1;
                state.failed += usize::from(!entry.outcome.is_done());
                state.running.retain(|key, _| key.to_string() != entry.account);
                self.ended(&state, entry, lines);
            }
        }
        state.draw();
    }
}

impl Watch<'_> {
    fn ended(&self, state: &State, entry: &Entry, lines: &[String]) {
        let style = match entry.outcome {
            Outcome::Planned | Outcome::Unchanged | Outcome::Applied | Outcome::Destroyed => GOOD,
            Outcome::Refused | Outcome::Interrupted | Outcome::NotStarted => CAREFUL,
            Outcome::Failed => BAD,
        };
        // On a terminal the screen tells how far it is; whoever did well is not news.
        if entry.outcome.is_done() && (self.ui.quiet || state.screen.is_some()) || entry.outcome == Outcome::NotStarted
        {
            return;
        }
        let mut text = format!("{} {style}{}{style:#}", entry.account, entry.outcome.as_str());
        match &entry.message {
            Some(message) => text += &format!(": {}", inert(message).replace('\n', "\\n")),
            None if !entry.changes.is_empty() => text += &format!(": {}", output::tally(&entry.changes)),
            None => {}
        }
        if entry.seconds.total() > 0.0 {
            text += &format!(" ({:.1} s)", entry.seconds.total());
        }
        // Behind a bar no line begins with what CI would take for a command.
        for line in lines {
            text += &format!("\n  | {}", inert(line));
        }
        if let Some(help) = &entry.help {
            text += &format!("\n  {HINT}help{HINT:#}: {}", inert(help));
        }
        if let (Some(log), false) = (&entry.log, entry.outcome.is_done()) {
            text += &format!("\n  all of it: {}", inert(log));
        }
        self.say(state, &text);
    }
}

impl State {
    fn draw(&self) {
        let Some(screen) = &self.screen else { return };
        let mut message = format!("done, {} running", self.running.len());
        if self.failed > 0 {
            message += &format!(", {} failed", self.failed);
        }
        if self.done > 0 && self.done < self.total {
            let left = self.begun.elapsed().mul_f64((self.total - self.done) as f64 / self.done as f64);
            message += &format!(", about {} left", in_words(left));
        }
        screen.head.set_position(self.done as u64);
        screen.head.set_message(message);
        let mut oldest: Vec<_> = self.running.iter().collect();
        oldest.sort_by_key(|(_, (begun, _))| *begun);
        for (index, line) in screen.lines.iter().enumerate() {
            let text = match oldest.get(index) {
                Some(_) if index == MOST_RUNNING => format!("and {} more", oldest.len() - MOST_RUNNING),
                Some((key, (begun, step))) => format!("{key}  {}  {}", step.as_str(), in_words(begun.elapsed())),
                None => String::new(),
            };
            line.set_message(text);
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(screen) = &state.screen {
            screen.all.clear().ok();
        }
    }
}

fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds < 90 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}
