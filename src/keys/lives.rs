//! Random lives of a user's keys: runs that are killed at any effect, sinks that cannot be reached, jobs that hold a key for
//! a while, days that pass. After every single effect, whatever a sink really holds has to work.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{Doors, Holding, Key, Policy, Problem, Secret, Seen, Settings, rotate};

const HOUR: u64 = 3_600;
const GRACE: u64 = 24 * HOUR;
const OLDEST: u64 = 60 * 24 * HOUR;

/// What a run is killed with.
struct Killed;

/// AWS and GitHub, as they really are.
#[derive(Default)]
struct World {
    now: Cell<i64>,
    keys: RefCell<BTreeMap<String, Key>>,
    made: Cell<usize>,
    /// The key in the vault; its id is said with it, in one.
    vault: RefCell<Option<String>>,
    /// What each sink holds, and what it says.
    sinks: RefCell<Vec<(Option<String>, Holding)>>,
    unreached: RefCell<Vec<bool>>,
    /// Jobs at work: which key each took from where, and when it ends.
    jobs: RefCell<Vec<(String, i64)>>,
    /// After how many effects the run is killed.
    left: Cell<Option<usize>>,
}

impl World {
    fn at(&self) -> Timestamp {
        Timestamp::from_second(self.now.get()).unwrap()
    }

    /// An effect: the run may die before it, or after it; and the world is looked at.
    fn effect<T>(&self, work: impl FnOnce() -> T) -> T {
        self.die();
        let result = work();
        self.is_sound();
        self.die();
        self.now.set(self.now.get() + 1);
        result
    }

    fn die(&self) {
        if let Some(left) = self.left.get() {
            self.left.set(left.checked_sub(1));
            if left == 0 {
                std::panic::resume_unwind(Box::new(Killed));
            }
        }
    }

    fn is_sound(&self) {
        let keys = self.keys.borrow();
        assert!(keys.len() <= 2, "AWS refuses a third key");
        let held = self.sinks.borrow().iter().filter_map(|(held, _)| held.clone()).collect::<Vec<_>>();
        let jobs = self.jobs.borrow().iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
        for id in held.iter().chain(self.vault.borrow().iter()).chain(&jobs) {
            assert!(keys.get(id).is_some_and(|key| key.active), "{id} is in use, and does not work");
        }
    }

    /// A job begins with what a sink holds.
    fn job(&self, sink: usize, hours: u64) {
        let held = self.sinks.borrow()[sink].0.clone();
        if let Some(id) = held {
            let end = self.now.get() + i64::try_from(hours * HOUR).unwrap();
            self.jobs.borrow_mut().push((id, end));
        }
    }

    /// Time passes, and jobs use their keys until they end.
    fn pass(&self, hours: u64) {
        for _ in 0..hours {
            let now = self.now.get() + i64::try_from(HOUR).unwrap();
            self.now.set(now);
            self.jobs.borrow_mut().retain(|(_, end)| *end > now);
            for (id, _) in self.jobs.borrow().iter() {
                self.keys.borrow_mut().get_mut(id).unwrap().used = Some((self.at(), "s3".to_owned()));
            }
        }
    }
}

impl Doors for World {
    fn look(&self) -> Result<Seen, Problem> {
        let sinks = self.sinks.borrow();
        let unreached = self.unreached.borrow();
        Ok(Seen {
            keys: self.keys.borrow().values().cloned().collect(),
            vault: self.vault.borrow().clone(),
            sinks: sinks
                .iter()
                .zip(unreached.iter())
                .map(|((_, said), unreached)| match unreached {
                    true => Holding { unreached: true, ..Holding::default() },
                    false => said.clone(),
                })
                .collect(),
            ..Seen::default()
        })
    }

    fn make(&self) -> Result<(String, Secret), Problem> {
        assert!(self.keys.borrow().len() < 2, "a third key is asked for");
        self.effect(|| {
            self.made.set(self.made.get() + 1);
            let id = format!("AKIA{:04}", self.made.get());
            let key = Key { id: id.clone(), active: true, created: self.at(), used: None };
            self.keys.borrow_mut().insert(id.clone(), key);
            Ok((id.clone(), Secret::new(id)))
        })
    }

    fn prove(&self, secret: &Secret) -> Result<bool, Problem> {
        self.effect(|| {
            let used = Some((self.at(), "sts".to_owned()));
            self.keys.borrow_mut().get_mut(secret.reveal()).unwrap().used = used;
        });
        Ok(true)
    }

    fn keep(&self, id: &str, secret: &Secret) -> Result<(), Problem> {
        assert_eq!(id, secret.reveal());
        self.effect(|| *self.vault.borrow_mut() = Some(id.to_owned()));
        Ok(())
    }

    fn kept(&self, id: &str) -> Result<Secret, Problem> {
        assert_eq!(self.vault.borrow().as_deref(), Some(id));
        Ok(Secret::new(id.to_owned()))
    }

    fn push(&self, sink: usize, id: &str, secret: &Secret) -> Result<(), Problem> {
        if self.unreached.borrow()[sink] {
            return Err(Problem::because("it is not there"));
        }
        self.effect(|| self.sinks.borrow_mut()[sink].0 = Some(secret.reveal().to_owned()));
        let said = Holding { key: Some(id.to_owned()), since: Some(self.at()), unreached: false };
        self.effect(|| self.sinks.borrow_mut()[sink].1 = said);
        Ok(())
    }

    fn deactivate(&self, id: &str) -> Result<(), Problem> {
        self.effect(|| self.keys.borrow_mut().get_mut(id).unwrap().active = false);
        Ok(())
    }

    fn delete(&self, id: &str) -> Result<(), Problem> {
        assert!(!self.keys.borrow()[id].active, "{id} is deleted, and was active");
        self.effect(|| self.keys.borrow_mut().remove(id));
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.at()
    }
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Turn {
    /// A run, killed before or after that many effects if at all.
    Run(Option<usize>),
    /// Hours go by.
    Pass(u64),
    /// A job begins at a sink, for so many hours.
    Job(usize, u64),
    /// A sink goes away, or comes back.
    Reach(usize, bool),
    /// Somebody overwrites the vault. (While sinks hold two keys nobody could help that user but by hand.)
    Overwrite,
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => proptest::option::weighted(0.7, 0_usize..24).prop_map(Turn::Run),
        3 => prop_oneof![0_u64..3, 20_u64..30, 1_400_u64..1_500].prop_map(Turn::Pass),
        2 => (0_usize..3, 1_u64..20).prop_map(|(sink, hours)| Turn::Job(sink, hours)),
        1 => (0_usize..3, any::<bool>()).prop_map(|(sink, away)| Turn::Reach(sink, away)),
        1 => Just(Turn::Overwrite),
    ]
}

fn run(world: &World, killed: Option<usize>) -> bool {
    let policy = Policy {
        now: world.at(),
        older_than: Duration::from_secs(OLDEST),
        grace: Duration::from_secs(GRACE),
        settle: Duration::from_secs(900),
    };
    let settings = Settings { policy, poll: Duration::ZERO, patience: Duration::from_secs(1) };
    world.left.set(killed);
    let ended = catch_unwind(AssertUnwindSafe(|| rotate(world, &settings, &|| false, &mut |_| {})));
    world.left.set(None);
    match ended {
        Ok(rotated) => rotated.problems.is_empty(),
        Err(cause) if cause.is::<Killed>() => false,
        Err(cause) => resume_unwind(cause),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_holds_a_key_holds_one_that_works(sinks in 0_usize..4, turns in proptest::collection::vec(turn(), 1..60)) {
        let world = World::default();
        world.now.set(1_800_000_000);
        world.sinks.replace(vec![Default::default(); sinks]);
        world.unreached.replace(vec![false; sinks]);
        for turn in turns {
            match turn {
                Turn::Run(killed) => drop(run(&world, killed)),
                Turn::Pass(hours) => world.pass(hours),
                Turn::Job(sink, hours) if sink < sinks => world.job(sink, hours),
                Turn::Reach(sink, away) if sink < sinks => world.unreached.borrow_mut()[sink] = away,
                Turn::Job(..) | Turn::Reach(..) => {}
                Turn::Overwrite => {
                    let sinks = world.sinks.borrow();
                    if sinks.iter().all(|(held, said)| *held == sinks[0].0 && said.key == *held) {
                        world.vault.replace(None);
                    }
                }
            }
            world.is_sound();
        }
        // Left in peace, it comes to rest: one key, young, everywhere.
        world.unreached.replace(vec![false; sinks]);
        for _ in 0..6 {
            world.pass(25);
            prop_assert!(run(&world, None), "a run in peace has a problem");
        }
        let vault = world.vault.borrow().clone();
        prop_assert!(vault.is_some());
        let keys = world.keys.borrow();
        prop_assert_eq!(keys.keys().cloned().collect::<Vec<_>>(), vault.iter().cloned().collect::<Vec<_>>());
        for (held, said) in world.sinks.borrow().iter() {
            prop_assert_eq!(held, &vault);
            prop_assert_eq!(&said.key, &vault);
        }
        for key in keys.values() {
            let oldest = SignedDuration::from_secs(i64::try_from(OLDEST + 26 * HOUR).unwrap());
            prop_assert!(world.at().duration_since(key.created) < oldest);
        }
    }
}
