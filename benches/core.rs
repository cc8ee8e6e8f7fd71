//! The pure parts, apart from the disk: `cargo bench --bench core`.
#![expect(clippy::unwrap_used, reason = "in a bench, a panic is the report")]

#[path = "../examples/generate-organization/organization.rs"]
mod organization;

use std::path::Path;

use divan::Bencher;
use groundwork::diagnostic::Diagnostics;
use groundwork::ledger::{Ledger, allocate};
use groundwork::map::Map;
use groundwork::matrix::matrix;
use groundwork::organization::Account;
use groundwork::render::render;
use groundwork::repository::Repository;
use groundwork::system::inputs::{self, Inputs};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 20);
const SIZES: [usize; 2] = [1_000, 10_000];

fn main() {
    divan::main();
}

fn inputs(accounts: usize) -> Inputs {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-core-{accounts}"));
    organization::write(accounts, &root).unwrap();
    inputs::read(&root, &mut Diagnostics::default())
}

fn load(inputs: &Inputs) -> Repository {
    Repository::load(inputs, Diagnostics::default(), TODAY)
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn load_a_repository(bencher: Bencher<'_, '_>, accounts: usize) {
    let inputs = inputs(accounts);
    bencher.bench(|| load(&inputs));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn allocate_from_nothing(bencher: Bencher<'_, '_>, accounts: usize) {
    let repository = load(&inputs(accounts));
    let (wanted, space) = (repository.wanted(), &repository.organization.as_ref().unwrap().address_space);
    let zones = |region: &str| repository.zone_ids(region);
    bencher.bench(|| allocate(&wanted, &Ledger::default(), space, &zones, TODAY));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn render_in_memory(bencher: Bencher<'_, '_>, accounts: usize) {
    let repository = load(&inputs(accounts));
    let (organization, engine) = (repository.organization.as_ref().unwrap(), repository.engine.as_ref().unwrap());
    let accounts: Vec<&Account> = organization.accounts.iter().collect();
    bencher.bench(|| render(organization, &accounts, &repository.features, engine, &|| ()));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn list(bencher: Bencher<'_, '_>, accounts: usize) {
    let repository = load(&inputs(accounts));
    let organization = repository.organization.as_ref().unwrap();
    let all: Vec<&Account> = organization.accounts.iter().collect();
    let wanted = repository.wanted();
    let map = Map::of(organization, &all, &repository.features, &repository.ledger, &wanted, TODAY);
    bencher.bench(|| groundwork::output::list::accounts(&map, None));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn shard(bencher: Bencher<'_, '_>, accounts: usize) {
    let repository = load(&inputs(accounts));
    let organization = repository.organization.as_ref().unwrap();
    let accounts: Vec<&Account> = organization.accounts.iter().collect();
    bencher.bench(|| matrix(organization, &accounts, 256, None));
}
