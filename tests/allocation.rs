//! Network blocks never move, never overlap, never touch what is reserved or in quarantine: random lives of small
//! organizations, compared with the plainest possible model of the same address space.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

use std::collections::BTreeMap;

use groundwork::diagnostic::{Code, Diagnostics, Place, Sources};
use groundwork::ledger::{Ledger, Wanted, allocate, check, compare, reassign};
use groundwork::network::{AddressSpace, Pool, Reserved, overlap};
use groundwork::organization::{AccountKey, Lifecycle};
use ipnet::Ipv4Net;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// As many lives as the design asks for.
const LIVES: u32 = 100_000;
const BIRTH: Date = date(2026, 1, 1);
const QUARANTINE: u32 = 30;

/// One thing that happens to an organization.
#[derive(Clone, Debug)]
enum Event {
    Add {
        name: u8,
        prefix: u8,
    },
    /// It has a network already: at one of these places, in a pool or not.
    Adopt {
        name: u8,
        place: u8,
        prefix: u8,
    },
    Resize {
        name: u8,
        prefix: u8,
    },
    Retire {
        name: u8,
    },
    Remove {
        name: u8,
    },
    Rename {
        from: u8,
        to: u8,
    },
    /// The account now exists in AWS.
    Create {
        name: u8,
    },
    /// Terraform has destroyed what it made.
    Destroy {
        name: u8,
    },
    Wait {
        days: u8,
    },
    Reorder,
}

fn event() -> impl Strategy<Value = Event> {
    let (name, prefix) = (0..10_u8, 21..=28_u8);
    prop_oneof![
        4 => (name.clone(), prefix.clone()).prop_map(|(name, prefix)| Event::Add { name, prefix }),
        1 => (name.clone(), any::<u8>(), prefix.clone())
            .prop_map(|(name, place, prefix)| Event::Adopt { name, place, prefix }),
        1 => (name.clone(), prefix).prop_map(|(name, prefix)| Event::Resize { name, prefix }),
        2 => name.clone().prop_map(|name| Event::Retire { name }),
        2 => name.clone().prop_map(|name| Event::Remove { name }),
        1 => (name.clone(), name.clone()).prop_map(|(from, to)| Event::Rename { from, to }),
        1 => name.clone().prop_map(|name| Event::Create { name }),
        1 => name.prop_map(|name| Event::Destroy { name }),
        1 => (1..40_u8).prop_map(|days| Event::Wait { days }),
        1 => Just(Event::Reorder),
    ]
}

fn place() -> Place {
    Place::new(Sources::default().add("domains.toml", ""), 0..0)
}

fn net(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

fn pool(cidr: &str, environments: &[&str]) -> Pool {
    let environments = environments.iter().map(ToString::to_string).collect();
    Pool { cidr: net(cidr), regions: Vec::new(), environments, place: place() }
}

/// Spaces so small that they run full: of one, two and four pools, with and without reserved parts.
fn space(kind: u8) -> AddressSpace {
    let reserved = |cidr| Reserved { cidr: net(cidr), place: place() };
    let (pools, reserved) = match kind % 4 {
        0 => (vec![pool("10.0.0.0/20", &[])], vec![]),
        1 => (vec![pool("10.0.0.0/21", &[])], vec![reserved("10.0.1.0/24"), reserved("10.0.7.240/28")]),
        2 => (vec![pool("10.0.0.0/22", &["dev"]), pool("10.9.0.0/21", &[])], vec![reserved("10.0.0.0/26")]),
        _ => (
            vec![
                pool("10.0.0.0/23", &["dev"]),
                pool("10.1.0.0/23", &["prod"]),
                pool("10.2.0.0/22", &[]),
                pool("10.3.0.0/24", &[]),
            ],
            vec![reserved("10.2.2.0/23"), reserved("192.168.0.0/16")],
        ),
    };
    AddressSpace { pools, reserved, quarantine_days: QUARANTINE }
}

fn key(name: u8) -> AccountKey {
    AccountKey::new(format!("d{name}"), if name.is_multiple_of(2) { "dev" } else { "prod" })
}

/// The organization as domains.toml would have it, and what the ledger should hold.
struct World {
    space: AddressSpace,
    today: Date,
    wanted: BTreeMap<u8, Wanted>,
    ledger: Ledger,
    reversed: bool,
    /// E-mails differ for every account there ever was.
    born: u32,
}

impl World {
    fn new(kind: u8) -> Self {
        let (wanted, ledger) = (BTreeMap::new(), Ledger::default());
        Self { space: space(kind), today: BIRTH, wanted, ledger, reversed: false, born: 0 }
    }

    fn wish(&mut self, name: u8, prefix: u8) -> Wanted {
        self.born += 1;
        Wanted {
            key: key(name),
            region: "eu-west-1".to_owned(),
            email: format!("a{}@acme.example", self.born),
            prefix: Some(prefix),
            block: None,
            zones: 2,
            lifecycle: Lifecycle::Active,
            renamed_from: None,
            place: place(),
            network_place: place(),
        }
    }

    fn happen(&mut self, event: &Event) {
        let before = (self.wanted.clone(), self.ledger.clone());
        let (mut added, mut adopted) = (None, None);
        match *event {
            Event::Add { name, prefix } => {
                if !self.wanted.contains_key(&name) {
                    let wish = self.wish(name, prefix);
                    self.wanted.insert(name, wish);
                    added = Some((name, prefix));
                }
            }
            Event::Adopt { name, place, prefix } => {
                if !self.wanted.contains_key(&name) {
                    let start = u32::from_be_bytes([10, place % 5, place / 5 % 16, place]);
                    let block = Ipv4Net::new(start.into(), prefix).unwrap().trunc();
                    let wish = Wanted { block: Some(block), ..self.wish(name, prefix) };
                    self.wanted.insert(name, wish);
                    adopted = Some((name, block));
                }
            }
            Event::Resize { name, prefix } => drop(
                self.wanted.get_mut(&name).filter(|wish| wish.block.is_none()).map(|wish| wish.prefix = Some(prefix)),
            ),
            Event::Retire { name } => drop(self.wanted.get_mut(&name).map(|wish| wish.lifecycle = Lifecycle::Retiring)),
            Event::Remove { name } => drop(self.wanted.remove(&name)),
            Event::Rename { from, to } => {
                if from % 2 == to % 2
                    && !self.wanted.contains_key(&to)
                    && let Some(mut wish) = self.wanted.remove(&from)
                {
                    wish.renamed_from = Some(key(from));
                    wish.key = key(to);
                    self.wanted.insert(to, wish);
                }
            }
            Event::Create { name } => {
                if let Some(held) = self.ledger.accounts.get_mut(&key(name)) {
                    held.id.get_or_insert_with(|| format!("{name:012}"));
                }
            }
            Event::Destroy { name } => {
                if let Some(held) = self.ledger.accounts.get_mut(&key(name)) {
                    held.asked.destroyed = Some(self.today);
                }
            }
            Event::Wait { days } => self.today = self.today.checked_add(i32::from(days).days()).unwrap(),
            Event::Reorder => self.reversed = !self.reversed,
        }
        let old = self.ledger.clone();
        let (next, _, problems) = self.allocate(self.reversed);
        if problems.has_errors() {
            self.expect_reason(&problems, added, adopted, &old);
            // What is refused changes nothing.
            (self.wanted, self.ledger) = before;
            if let Event::Create { .. } | Event::Destroy { .. } = event {
                self.ledger = old;
            }
        } else {
            self.compare_with_model(&old, &next, added);
            if let Some((name, block)) = adopted {
                assert_eq!(next.accounts[&key(name)].network, Some(block));
                assert!(!self.taken(&old).iter().any(|taken| overlap(*taken, block)), "{block} was taken");
            }
            self.ledger = next;
        }
    }

    fn allocate(&self, reversed: bool) -> (Ledger, Vec<groundwork::ledger::Change>, Diagnostics) {
        let mut wanted: Vec<Wanted> = self.wanted.values().cloned().collect();
        if reversed {
            wanted.reverse();
        }
        let zones = |_: &str| Some(vec!["euw1-az1".to_owned(), "euw1-az2".to_owned()]);
        allocate(&wanted, &self.ledger, &self.space, &zones, self.today)
    }

    /// Whether a block could be had, tried at every place there is.
    fn fits(&self, key: &AccountKey, prefix: u8, ledger: &Ledger) -> bool {
        let step = 1_u32 << (32 - prefix);
        let taken = self.taken(ledger);
        self.space
            .pools
            .iter()
            .filter(|pool| pool.serves("eu-west-1", key.environment()) && pool.cidr.prefix_len() <= prefix)
            .any(|pool| {
                let (first, last) = (u32::from(pool.cidr.network()), u32::from(pool.cidr.broadcast()));
                (first..=last).step_by(step as usize).any(|start| {
                    let candidate = Ipv4Net::new(start.into(), prefix).unwrap();
                    !taken.iter().any(|block| overlap(*block, candidate))
                })
            })
    }

    /// Everything that nobody may get.
    fn taken(&self, ledger: &Ledger) -> Vec<Ipv4Net> {
        let held = ledger.accounts.values().filter_map(|held| held.network);
        let quarantined = ledger.tombstones.iter().filter(|gone| gone.is_quarantined(QUARANTINE, self.today));
        let reserved = self.space.reserved.iter().map(|reserved| reserved.cidr);
        held.chain(quarantined.filter_map(|gone| gone.network)).chain(reserved).collect()
    }

    fn expect_reason(
        &self,
        problems: &Diagnostics,
        added: Option<(u8, u8)>,
        adopted: Option<(u8, Ipv4Net)>,
        old: &Ledger,
    ) {
        for problem in problems.iter() {
            match problem.code {
                Code::PoolExhausted => {
                    let (name, prefix) = added.expect("only a new account asks for a block");
                    assert!(!self.fits(&key(name), prefix, old), "{}", problem.message);
                }
                Code::NetworkOverlap => {
                    let (_, block) = adopted.expect("only who has a block already can have somebody else's");
                    assert!(self.taken(old).iter().any(|taken| overlap(*taken, block)), "{}", problem.message);
                }
                Code::Disappeared | Code::Duplicate => {}
                other => panic!("{other}: {}", problem.message),
            }
        }
    }

    fn compare_with_model(&self, old: &Ledger, next: &Ledger, added: Option<(u8, u8)>) {
        // Nobody's block, id, e-mail, state key or zones change, under the old key or the new one.
        for (key, held) in &old.accounts {
            let renamed =
                self.wanted.values().find(|wish| wish.renamed_from.as_ref() == Some(key)).map(|wish| &wish.key);
            let now = next
                .accounts
                .get(key)
                .filter(|now| now.state_key == held.state_key)
                .or_else(|| next.accounts.get(renamed?));
            match now {
                Some(now) => {
                    assert_eq!(
                        (&now.id, &now.email, &now.state_key),
                        (&held.id, &held.email, &held.state_key),
                        "{key}"
                    );
                    assert!(held.network.is_none() || now.network == held.network, "{key} moved");
                    assert!(now.zones.starts_with(&held.zones), "{key}");
                }
                None => {
                    assert_ne!(held.lifecycle, Lifecycle::Active, "{key} vanished");
                    assert!(held.id.is_none() || held.asked.destroyed.is_some(), "{key} was left behind");
                    assert!(
                        next.tombstones.iter().any(|gone| gone.key == *key && gone.network == held.network),
                        "{key}"
                    );
                }
            }
        }
        // The new block is aligned, in a pool that serves the account, and nobody else's.
        if let Some((name, prefix)) = added {
            let block = next.accounts[&key(name)].network.unwrap();
            assert_eq!((block.prefix_len(), block.trunc()), (prefix, block));
            let pool = self.space.pools.iter().find(|pool| pool.cidr.contains(&block)).expect("inside a pool");
            assert!(pool.serves("eu-west-1", key(name).environment()));
            assert!(self.fits(&key(name), prefix, old));
            assert!(!self.taken(old).iter().any(|taken| overlap(*taken, block)), "{block} was taken");
        }
        // The ledger's own check agrees, the order of domains.toml does not matter, and the file says it all.
        let mut problems = Diagnostics::default();
        check(next, &self.space, self.today, &mut problems);
        let wanted: Vec<Wanted> = self.wanted.values().cloned().collect();
        compare(next, &wanted, &mut problems);
        assert!(!problems.has_errors(), "{problems:?}");
        assert_eq!(self.allocate(!self.reversed).0, *next, "the order of domains.toml matters");
        let blocks: Vec<Ipv4Net> = next.accounts.values().filter_map(|held| held.network).collect();
        for (index, block) in blocks.iter().enumerate() {
            assert!(!blocks[..index].iter().any(|other| overlap(*other, *block)), "{block} twice");
        }
    }
}

#[test]
fn no_life_of_an_organization_moves_or_doubles_a_block() {
    let mut runner = TestRunner::new(Config { cases: LIVES, failure_persistence: None, ..Config::default() });
    let lives = (any::<u8>(), prop::collection::vec(event(), 1..12));
    runner
        .run(&lives, |(kind, events)| {
            let mut world = World::new(kind);
            events.iter().for_each(|event| world.happen(event));
            Ok(())
        })
        .unwrap();
}

/// A grown ledger of a random organization.
fn grown() -> impl Strategy<Value = (u8, Vec<Event>)> {
    (any::<u8>(), prop::collection::vec(event(), 1..20))
}

fn parse(text: &str) -> (Ledger, Diagnostics) {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let file = sources.add("ledger.toml", text);
    (Ledger::parse(&sources, file, &mut diagnostics), diagnostics)
}

proptest! {
    #![proptest_config(Config { cases: 2_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_ledger_reads_what_it_writes((kind, events) in grown()) {
        let mut world = World::new(kind);
        events.iter().for_each(|event| world.happen(event));
        let text = world.ledger.to_toml();
        let (read, diagnostics) = parse(&text);
        prop_assert!(diagnostics.is_empty(), "{diagnostics:?}");
        prop_assert_eq!(&read, &world.ledger);
        prop_assert_eq!(read.to_toml(), text);
    }

    /// Two branches each add accounts; their ledgers are merged table by table, as git does where the lines do not
    /// touch. Either nothing overlaps, or `check` says so, and reassigning mends it.
    #[test]
    fn what_two_branches_took_twice_is_found_and_can_be_mended((kind, events) in grown(), ours in 21..=28_u8, theirs in 21..=28_u8) {
        let mut base = World::new(kind);
        events.iter().for_each(|event| base.happen(event));
        let branch = |name: u8, prefix: u8| {
            let mut world = World::new(kind);
            (world.today, world.wanted, world.ledger, world.born) = (base.today, base.wanted.clone(), base.ledger.clone(), u32::from(name) * 1000);
            world.happen(&Event::Add { name, prefix });
            world
        };
        let (ours, theirs) = (branch(100, ours), branch(102, theirs));
        let mut merged = ours.ledger.clone();
        merged.accounts.extend(theirs.ledger.accounts.iter().filter(|(key, _)| !base.ledger.accounts.contains_key(key)).map(|(key, held)| (key.clone(), held.clone())));
        let block = |key: &AccountKey| merged.accounts.get(key).and_then(|held| held.network);
        let collide = matches!((block(&key(100)), block(&key(102))), (Some(a), Some(b)) if overlap(a, b));
        let mut problems = Diagnostics::default();
        check(&merged, &base.space, base.today, &mut problems);
        prop_assert_eq!(problems.iter().any(|problem| problem.code == Code::NetworkOverlap), collide);
        if collide {
            let said = problems.iter().next().unwrap();
            prop_assert!(said.message.contains("d100/dev") && said.message.contains("d102/dev"), "{}", said.message);
            let mut mended = World::new(kind);
            mended.today = base.today;
            mended.wanted = ours.wanted.clone();
            mended.wanted.extend(theirs.wanted.clone());
            mended.ledger = reassign(&merged, &key(102)).unwrap();
            let (ledger, _, problems) = mended.allocate(false);
            if !problems.has_errors() {
                prop_assert_eq!(ledger.accounts[&key(100)].network, block(&key(100)));
                let mut problems = Diagnostics::default();
                check(&ledger, &base.space, base.today, &mut problems);
                prop_assert!(problems.is_empty());
            }
        }
    }
}
