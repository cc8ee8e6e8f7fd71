//! Carrying out what [`reconcile`](mod@crate::reconcile) found: written down before it is done where it cannot be read back, and
//! done so that a run which is killed anywhere can be run again.
//!
//! What is not in the ledger or in AWS is not known to the next run. So a request to make an account is announced in the
//! ledger before it is sent, its id is written before it is waited for, and the account's id is written only when
//! Terraform can work in it; everything between is found again by the account's tag, which it is made with.

mod creation;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::civil::Date;

use crate::aws::{CallError, Organizations};
use crate::ledger::{Allotment, Ledger, SupportCase};
use crate::organization::{AccountKey, Organization};
use crate::pool::{self, Slots};
use crate::reconcile::{Action, Reconciled, Waiting};
use crate::state::partition;

/// How often the end of a pause is looked for.
const TICK: Duration = Duration::from_millis(50);

/// How long things are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Accounts that are worked on at a time.
    pub jobs: usize,
    /// The first pause before AWS is asked again how an account comes along; later ones are longer.
    pub poll: Duration,
    /// How long it may take until AWS lists a request that was sent.
    pub settle: Duration,
    /// How long an account may take to be made.
    pub creation: Duration,
    /// How long an account that exists may take until its role can be assumed.
    pub ready: Duration,
}

/// Something to tell whoever watches. It comes from many threads.
#[derive(Debug)]
pub enum Event<'a> {
    /// An action is done, after that long.
    Done(&'a Action, Duration),
    /// An account waits for something, since then.
    Waits(&'a AccountKey, &'a str, Duration),
    /// An action failed, and whatever else was to be done for the account is left.
    Failed(&'a Failed),
}

/// An action that failed.
#[derive(Clone, Debug)]
pub struct Failed {
    /// What was to be done.
    pub action: Action,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// What became of all actions.
#[derive(Debug, Default)]
pub struct Converged {
    /// How many were done.
    pub done: usize,
    /// Those that failed; what else was to be done for their accounts was left.
    pub failed: Vec<Failed>,
    /// What a later run does.
    pub waiting: Vec<Waiting>,
    /// Whether the run was told to stop.
    pub interrupted: bool,
}

/// Why an action is not done.
#[derive(Debug)]
enum Problem {
    Interrupted,
    Failed { problem: String, help: Option<String> },
}

impl Problem {
    fn because(problem: impl Into<String>) -> Self {
        Self::Failed { problem: problem.into(), help: None }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        Self::Failed { help: error.help(), problem: error.to_string() }
    }
}

/// Everything that carrying out actions needs.
pub struct Converge<'a> {
    /// Where it is done.
    pub cloud: &'a Organizations,
    /// What is meant.
    pub organization: &'a Organization,
    /// Writes the ledger, whole, so that it is there whatever happens next.
    pub save: &'a (dyn Fn(&Ledger) -> Result<(), String> + Sync),
    /// Told what happens.
    pub observer: &'a (dyn Fn(Event<'_>) + Sync),
    /// Whether the run is to stop.
    pub stopped: &'a (dyn Fn() -> bool + Sync),
    /// How long things are waited for.
    pub settings: Settings,
    /// Today.
    pub today: Date,
    /// The time.
    pub now: &'a (dyn Fn() -> jiff::Timestamp + Sync),
}

impl std::fmt::Debug for Converge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Converge").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What is shared while it is carried out.
struct Work<'a> {
    given: &'a Converge<'a>,
    ledger: Mutex<Ledger>,
    /// Ids of units, by path.
    units: Mutex<BTreeMap<String, String>>,
    /// As many as may be in creation at once.
    making: Slots,
    waiting: Mutex<Vec<Waiting>>,
}

/// One account's actions, and what is known of it meanwhile.
struct Chain<'a> {
    work: &'a Work<'a>,
    id: Option<String>,
}

/// Carries out actions, in order; those of different accounts at the same time.
pub fn converge(given: &Converge<'_>, ledger: &Ledger, units: BTreeMap<String, String>, all: &Reconciled) -> Converged {
    let work = Work {
        given,
        ledger: Mutex::new(ledger.clone()),
        units: Mutex::new(units),
        making: Slots::new(given.organization.membership.creations),
        waiting: Mutex::default(),
    };
    let first_of_accounts =
        all.actions.iter().position(|action| action.account().is_some()).unwrap_or(all.actions.len());
    let (general, accounts) = all.actions.split_at(first_of_accounts);
    let mut converged = Converged::default();
    let mut take = |(done, failed, interrupted): (usize, Option<Failed>, bool)| {
        converged.done += done;
        converged.failed.extend(failed);
        converged.interrupted |= interrupted;
    };
    for action in general {
        take(work.chain(std::slice::from_ref(action), None));
    }
    let chains: Vec<&[Action]> = accounts.chunk_by(|a, b| a.account() == b.account()).collect();
    let one = |chain: &&[Action]| {
        let id = chain.first().and_then(Action::account).and_then(|key| all.found.get(key)).cloned();
        work.chain(chain, id)
    };
    let left = |_: &&[Action]| (0, None, true);
    pool::each(&chains, given.settings.jobs, given.stopped, &one, &left).into_iter().for_each(&mut take);
    converged.waiting = work.waiting.into_inner().unwrap_or_else(PoisonError::into_inner);
    converged
}

impl Work<'_> {
    /// Does what is to be done for one account, or in general, up to what fails.
    fn chain(&self, actions: &[Action], id: Option<String>) -> (usize, Option<Failed>, bool) {
        let mut chain = Chain { work: self, id };
        for (done, action) in actions.iter().enumerate() {
            if (self.given.stopped)() {
                return (done, None, true);
            }
            let begun = Instant::now();
            match chain.carry_out(action) {
                Ok(()) => (self.given.observer)(Event::Done(action, begun.elapsed())),
                Err(Problem::Interrupted) => return (done, None, true),
                Err(Problem::Failed { problem, help }) => {
                    let failed = Failed { action: action.clone(), problem, help };
                    (self.given.observer)(Event::Failed(&failed));
                    return (done, Some(failed), false);
                }
            }
        }
        (actions.len(), None, false)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what the ledger says of an account, on the disk before anything else is done.
    fn note(&self, key: &AccountKey, change: impl FnOnce(&mut Allotment)) -> Result<(), Problem> {
        let mut ledger = self.ledger();
        let Some(held) = ledger.accounts.get_mut(key) else {
            return Err(Problem::because(format!("`{key}` is not in ledger.toml")));
        };
        change(held);
        (self.given.save)(&ledger).map_err(Problem::because)
    }

    fn pause(&self, pause: Duration) -> Result<(), Problem> {
        let end = Instant::now() + pause;
        loop {
            if (self.given.stopped)() {
                return Err(Problem::Interrupted);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(TICK.min(left));
        }
    }

    fn unit(&self, path: &str) -> Result<String, Problem> {
        let units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        units.get(path).cloned().ok_or_else(|| Problem::because(format!("the unit `{path}` could not be made")))
    }

    fn make_unit(&self, path: &str) -> Result<(), Problem> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let id = self.given.cloud.create_unit(&self.unit(parent)?, name)?;
        self.units.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), id);
        Ok(())
    }
}

impl Chain<'_> {
    fn id(&self) -> Result<&str, Problem> {
        self.id.as_deref().ok_or_else(|| Problem::because("nobody knows which AWS account it is"))
    }

    fn carry_out(&mut self, action: &Action) -> Result<(), Problem> {
        let work = self.work;
        let cloud = work.given.cloud;
        match action {
            Action::CreateUnit { unit } => work.make_unit(unit)?,
            Action::AttachPolicy { id, unit, .. } => cloud.attach(id, &work.unit(unit)?)?,
            Action::DetachPolicy { id, unit, .. } => cloud.detach(id, &work.unit(unit)?)?,
            Action::CreateAccount { account, name, email, unit, tags } => {
                // Not one that cannot be moved: it would stay outside of all guardrails.
                let unit = work.unit(unit)?;
                let id = work.making.within(|| work.create(account, name, email, tags))?;
                cloud.move_account(&id, &unit)?;
                self.id = Some(id);
            }
            Action::FollowCreation { account, request, unit } => {
                let unit = work.unit(unit)?;
                let id = work.making.within(|| work.follow_to_its_end(account, request))?;
                cloud.move_account(&id, &unit)?;
                self.id = Some(id);
            }
            Action::Move { to, .. } | Action::Park { to, .. } => cloud.move_account(self.id()?, &work.unit(to)?)?,
            Action::Tag { tags, .. } => cloud.tag(self.id()?, tags)?,
            Action::Untag { keys, .. } => cloud.untag(self.id()?, keys)?,
            Action::Record { account } => self.record(account)?,
            Action::Rename { to, .. } => cloud.rename(self.id()?, to)?,
            Action::Contact { contact, to, .. } => cloud.set_contact(self.id()?, *contact, to)?,
            Action::Support { account, plan } => {
                let id = self.id()?;
                let case = cloud.open_case(
                    &format!("Support plan {plan} for account {id}"),
                    &format!("Please set the support plan of our account {id} ({account}) to {plan}."),
                )?;
                let support = SupportCase { plan: plan.clone(), case, resolved: false };
                work.note(account, |held| held.asked.support = Some(support))?;
            }
            Action::SupportResolved { account, case } => work.note(account, |held| {
                if let Some(support) = held.asked.support.as_mut().filter(|support| support.case == *case) {
                    support.resolved = true;
                }
            })?,
            Action::Destroyed { account } => {
                work.note(account, |held| held.asked.destroyed = Some(work.given.today))?;
            }
            Action::Close { account } => {
                if cloud.close(self.id()?)? {
                    work.note(account, |held| held.asked.closed = Some(work.given.today))?;
                } else {
                    let reason = "AWS closes no more accounts for now: it is closed by a later run".to_owned();
                    let mut waiting = work.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    waiting.push(Waiting { account: account.clone(), reason });
                }
            }
        }
        Ok(())
    }

    /// Waits until Terraform can work in the account, and writes its id down.
    fn record(&self, account: &AccountKey) -> Result<(), Problem> {
        let work = self.work;
        let id = self.id()?;
        let (begun, settings) = (Instant::now(), &work.given.settings);
        let role = &work.given.organization.role;
        let mut pause = settings.poll;
        while let Err(error) = work.given.cloud.try_role(partition(&work.given.organization.region), id, role) {
            if begun.elapsed() > settings.ready {
                return Err(Problem::Failed {
                    problem: format!("nobody can work in {id}: {error}"),
                    help: Some(format!(
                        "the role `{role}` has to be there and to trust the management account; an account that was invited needs it made by hand"
                    )),
                });
            }
            (work.given.observer)(Event::Waits(account, "its role", begun.elapsed()));
            work.pause(pause)?;
            pause = creation::longer(pause);
        }
        work.note(account, |held| {
            held.id = Some(id.to_owned());
            held.asked.forget_creation();
        })
    }
}
