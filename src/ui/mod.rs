//! The only room with a mouth: answers on stdout, everything else on stderr.

mod watch;

pub use watch::Watch;

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::diagnostic::{Diagnostics, Sources, print};
use crate::text::{Count, inert};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How groundwork speaks in this run.
#[derive(Clone, Debug)]
pub struct Ui {
    quiet: bool,
}

impl Ui {
    /// Decides about colour, once for the whole program.
    pub fn new(quiet: bool, colour: Colour) -> Self {
        match colour {
            // `anstream` looks at the terminal, NO_COLOR, CLICOLOR and CLICOLOR_FORCE.
            Colour::Auto => anstream::ColorChoice::Auto,
            Colour::Always => anstream::ColorChoice::Always,
            Colour::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        Self { quiet }
    }

    /// The answer, on stdout, as it is.
    pub fn answer(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            stdout.write_all(b"\n")?;
        }
        stdout.flush()
    }

    /// What was done. `--quiet` silences it.
    pub fn done(&self, message: impl Display) {
        if !self.quiet {
            self.line(&format!("{GOOD}done{GOOD:#} {message}"));
        }
    }

    /// Something to know on the way. `--quiet` silences it.
    pub fn status(&self, message: impl Display) {
        if !self.quiet {
            self.line(&message.to_string());
        }
    }

    /// Something that is not as it should be, though the command goes on.
    pub fn warning(&self, message: impl Display) {
        let style = AnsiColor::Yellow.on_default().bold();
        self.line(&format!("{style}warning{style:#}: {}", inert(&message.to_string())));
    }

    /// Why the command failed, what was behind it, and what to do.
    pub fn error(&self, message: &str, causes: &[String], help: &[String]) {
        self.line(&format!("{BAD}error{BAD:#}: {}", inert(message)));
        for cause in causes {
            self.line(&format!("  caused by: {}", inert(cause)));
        }
        for help in help {
            self.line(&format!("  {HINT}help{HINT:#}: {}", inert(help)));
        }
    }

    /// All diagnostics, and how many there are.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) {
        if diagnostics.is_empty() {
            return;
        }
        let text = print::to_text(diagnostics, sources, true);
        anstream::stderr().lock().write_all(text.as_bytes()).ok();
        let (errors, warnings) = diagnostics.counts(sources);
        let mut parts = Vec::new();
        if errors > 0 {
            parts.push(Count(errors, "error").to_string());
        }
        if warnings > 0 {
            parts.push(Count(warnings, "warning").to_string());
        }
        self.line(&parts.join(", "));
    }

    /// Whether somebody watches, on a terminal.
    pub fn is_live(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Whether somebody could answer a question.
    pub fn can_ask(&self) -> bool {
        io::stderr().is_terminal() && io::stdin().is_terminal()
    }

    /// Asks; only `yes` is one.
    pub fn ask(&self, question: &str) -> bool {
        write!(anstream::stderr().lock(), "{question} Only `yes` is one: ").ok();
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
    }

    /// Asks for a text; nothing where there is no answer, not even an empty one.
    pub fn question(&self, question: &str, default: Option<&str>) -> Option<String> {
        loop {
            let shown = default.map(|default| format!(" [{default}]")).unwrap_or_default();
            write!(anstream::stderr().lock(), "{HINT}{question}{HINT:#}{shown} ").ok();
            let mut answer = String::new();
            if io::stdin().read_line(&mut answer).ok()? == 0 {
                self.line("");
                return None;
            }
            match (answer.trim(), default) {
                ("", Some(default)) => return Some(default.to_owned()),
                ("", None) => {}
                (answer, _) => return Some(answer.to_owned()),
            }
        }
    }

    /// Progress of something long, shown on a terminal only and gone when it is over.
    pub fn progress(&self, what: &'static str, total: usize) -> Progress {
        if !self.is_live() {
            return Progress { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        Progress { bar }
    }

    fn line(&self, text: &str) {
        writeln!(anstream::stderr().lock(), "{text}").ok();
    }
}

/// A progress bar, or nothing; cleared when dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// One more is done.
    pub fn advance(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
