//! Carrying it out: look, take the next step, look again.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Holding, Next, Note, Policy, Secret, Seen, Step, next};

/// More steps than any state of a user takes.
const MOST_STEPS: usize = 64;

/// How often a fresh key has to be accepted before anybody gets it: servers learn of it one after the other.
const PROOFS: usize = 3;

/// Why a step is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Problem {
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Whether it may have been done all the same.
    pub unsure: bool,
}

impl Problem {
    /// Something that was not done.
    pub fn because(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), help: None, unsure: false }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}

/// What rotating one user's keys goes through.
pub trait Doors {
    /// The keys, and what every sink says it holds.
    ///
    /// # Errors
    /// Something cannot be seen: then nothing is done.
    fn look(&self) -> Result<Seen, Problem>;
    /// Makes a key: its id, and the secret as sinks take it.
    ///
    /// # Errors
    /// It is not made; or, with `unsure`, nobody knows.
    fn make(&self) -> Result<(String, Secret), Problem>;
    /// Whether a fresh key is accepted yet.
    ///
    /// # Errors
    /// It cannot be tried.
    fn prove(&self, secret: &Secret) -> Result<bool, Problem>;
    /// Puts a key into the vault, with its id, in one.
    ///
    /// # Errors
    /// It is not; or, with `unsure`, nobody knows.
    fn keep(&self, id: &str, secret: &Secret) -> Result<(), Problem>;
    /// The secret in the vault, which is that key's.
    ///
    /// # Errors
    /// It cannot be read, or is another one's.
    fn kept(&self, id: &str) -> Result<Secret, Problem>;
    /// Puts a key into a sink, and after that its id.
    ///
    /// # Errors
    /// The sink cannot be reached, or refuses.
    fn push(&self, sink: usize, id: &str, secret: &Secret) -> Result<(), Problem>;
    /// Deactivates a key.
    ///
    /// # Errors
    /// It cannot be.
    fn deactivate(&self, id: &str) -> Result<(), Problem>;
    /// Deletes a key.
    ///
    /// # Errors
    /// It cannot be.
    fn delete(&self, id: &str) -> Result<(), Problem>;
    /// The time.
    fn now(&self) -> Timestamp;
}

/// How a rotation goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// When what is done; its `now` is taken anew for every step.
    pub policy: Policy,
    /// The pause between two proofs of a fresh key.
    pub poll: Duration,
    /// How long a fresh key may take to be accepted.
    pub patience: Duration,
}

/// Something to tell whoever watches.
#[derive(Debug)]
pub enum Event<'a> {
    /// A key was made, and is in the vault.
    Made(&'a str),
    /// A sink has it, by its index.
    Pushed(usize, &'a str),
    /// A key is inactive now.
    Deactivated(&'a str),
    /// A key is gone.
    Deleted(&'a str),
}

/// What became of a rotation.
#[derive(Debug, Default)]
pub struct Rotated {
    /// How many steps were taken.
    pub steps: usize,
    /// Why what is left is left.
    pub notes: Vec<Note>,
    /// What went wrong; the other sinks got their key all the same.
    pub problems: Vec<Problem>,
    /// Whether the run was told to stop.
    pub interrupted: bool,
}

/// Rotates the keys of one user, as far as they can be now. A sink that cannot be reached keeps no other waiting, but until
/// it can be no key goes.
pub fn rotate(
    doors: &dyn Doors,
    settings: &Settings,
    stopped: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(Event<'_>),
) -> Rotated {
    let mut rotated = Rotated::default();
    let mut seen = Seen::default();
    let mut unreached: BTreeSet<usize> = BTreeSet::new();
    for _ in 0..MOST_STEPS {
        if stopped() {
            rotated.interrupted = true;
            return rotated;
        }
        match doors.look() {
            Ok(looked) => seen = Seen { made: seen.made, rested: seen.rested, ..looked },
            Err(problem) => {
                rotated.problems.push(problem);
                return rotated;
            }
        }
        for index in &unreached {
            seen.sinks[*index] = Holding { unreached: true, ..Holding::default() };
        }
        for index in (0..seen.sinks.len()).filter(|index| seen.sinks[*index].unreached) {
            // Once is enough: what does not answer is not asked again and again.
            unreached.insert(index);
        }
        for problem in std::mem::take(&mut seen.problems) {
            if !rotated.problems.contains(&problem) {
                rotated.problems.push(problem);
            }
        }
        let policy = Policy { now: doors.now(), ..settings.policy };
        let step = match next(&seen, &policy) {
            Next::Rest(notes) => {
                rotated.notes = notes;
                return rotated;
            }
            Next::Do(step) => step,
        };
        let result = match &step {
            Step::Make => {
                seen.made = true;
                make(doors, settings, stopped).map(|id| tell(Event::Made(&id)))
            }
            Step::Push(sink, id) => doors.kept(id).map(|secret| match doors.push(*sink, id, &secret) {
                Ok(()) => tell(Event::Pushed(*sink, id)),
                Err(problem) => {
                    unreached.insert(*sink);
                    rotated.problems.push(problem);
                }
            }),
            Step::Deactivate(id) => {
                seen.rested.insert(id.clone());
                doors.deactivate(id).map(|()| tell(Event::Deactivated(id)))
            }
            Step::Delete(id) => doors.delete(id).map(|()| tell(Event::Deleted(id))),
        };
        if let Err(problem) = result {
            rotated.problems.push(problem);
            return rotated;
        }
        rotated.steps += 1;
    }
    rotated.problems.push(Problem::because("it does not come to an end").help("run it again"));
    rotated
}

/// Makes a key, and puts it into the vault once it is accepted. One that does not get there is of no use to anybody,
/// because its secret is said only once: it goes at once, or, where that fails, in a later run.
fn make(doors: &dyn Doors, settings: &Settings, stopped: &dyn Fn() -> bool) -> Result<String, Problem> {
    let (id, secret) = doors.make()?;
    let kept = proven(doors, settings, stopped, &id, &secret).and_then(|()| doors.keep(&id, &secret));
    match kept {
        Ok(()) => Ok(id),
        // It may be in the vault.
        Err(problem) if problem.unsure => Err(problem),
        Err(problem) => Err(match doors.deactivate(&id).and_then(|()| doors.delete(&id)) {
            Ok(()) => Problem { problem: format!("{}; {id} is deleted again", problem.problem), ..problem },
            Err(left) => Problem {
                problem: format!("{}; {id} is of no use, and is left: {left}", problem.problem),
                help: Some("run this again: it is deleted then, and every sink has what it had".to_owned()),
                ..problem
            },
        }),
    }
}

fn proven(
    doors: &dyn Doors,
    settings: &Settings,
    stopped: &dyn Fn() -> bool,
    id: &str,
    secret: &Secret,
) -> Result<(), Problem> {
    let begun = Instant::now();
    let mut proofs = 0;
    loop {
        // What is not in the vault yet is at no risk: trying may fail without harm.
        let accepted = doors.prove(secret).map_err(|problem| Problem { unsure: false, ..problem })?;
        proofs = if accepted { proofs + 1 } else { 0 };
        if proofs == PROOFS {
            return Ok(());
        }
        if stopped() {
            return Err(Problem::because(format!("told to stop before {id} was accepted")));
        }
        if begun.elapsed() > settings.patience {
            let problem = Problem::because(format!("AWS does not accept the fresh key {id}"));
            return Err(problem.help("run this again; every sink has what it had"));
        }
        thread::sleep(settings.poll);
    }
}
