//! `groundwork list` and `groundwork map`

use std::path::Path;

use super::{Context, Failure, parts};
use crate::cli::{Format, ListArgs, MapArgs};
use crate::map::Map;
use crate::organization::Selection;
use crate::output::list::{Table, accounts, pools};
use crate::repository::Repository;
use crate::system::{clock, files, machine};
use crate::text::Count;

pub(crate) fn run(context: &Context, args: &ListArgs) -> Result<(), Failure> {
    let mut selection = Selection::new(&args.accounts)?;
    let repository = context.load_sound()?;
    if let Some(address) = args.address {
        let whole = map(&repository, &selection)?;
        let holder = whole.address_space.holder(address).map_err(|error| Failure::from_error(&error))?;
        selection = Selection::new(&[holder.to_owned()])?;
    }
    let mut map = map(&repository, &selection)?;
    map.sort(args.sort);
    match args.format {
        Format::Json => Ok(context.ui.answer(&serde_json::to_string_pretty(&map).unwrap_or_default())?),
        Format::Text if args.pools => show_pools(context, &map),
        Format::Text => show_accounts(context, &map),
    }
}

/// `groundwork map`
pub(crate) fn draw(context: &Context, args: &MapArgs) -> Result<(), Failure> {
    let repository = context.load_sound()?;
    let map = map(&repository, &Selection::new(&[])?)?;
    let html = crate::output::map::to_html(&map);
    if args.html == Path::new("-") {
        return Ok(context.ui.answer(&html)?);
    }
    files::replace(&args.html, &html).map_err(|error| Failure::from_error(&error))?;
    context.ui.done(format_args!("{} in `{}`", Count(map.accounts.len(), "account"), args.html.display()));
    Ok(())
}

fn map(repository: &Repository, selection: &Selection) -> Result<Map, Failure> {
    let (organization, _) = parts(repository)?;
    let accounts = selection.of(&organization.accounts)?;
    let (features, ledger) = (&repository.features, &repository.ledger);
    Ok(Map::of(organization, &accounts, features, ledger, &repository.wanted(), clock::today()))
}

fn show_accounts(context: &Context, map: &Map) -> Result<(), Failure> {
    if map.accounts.is_empty() {
        context.ui.status("there are no accounts yet: `groundwork add domain` adds a domain, and its accounts with it");
        return Ok(());
    }
    show(context, &accounts(map, machine::terminal_width()))?;
    let (number, domains) = (Count(map.accounts.len(), "account"), Count(map.domains.len(), "domain"));
    let common = match map.common_features() {
        common if common.is_empty() => String::new(),
        common => format!("; on in all of them: {}", common.join(", ")),
    };
    context.ui.status(format_args!("{number} of {domains}{common}"));
    Ok(())
}

fn show_pools(context: &Context, map: &Map) -> Result<(), Failure> {
    if map.address_space.pools.is_empty() {
        context.ui.status("there are no pools: [network] pools in domains.toml declares them");
        return Ok(());
    }
    show(context, &pools(map, machine::terminal_width()))?;
    for block in &map.address_space.outside {
        let account = block.account.as_deref().unwrap_or_default();
        context.ui.status(format_args!("in no pool: {} of {account}", block.cidr));
    }
    Ok(())
}

fn show(context: &Context, table: &Table) -> Result<(), Failure> {
    context.ui.answer(&table.text)?;
    if !table.left_out.is_empty() {
        let columns = table.left_out.join(", ");
        context.ui.status(format_args!("no room for {columns}: a wider terminal, a pipe or --format json has them"));
    }
    Ok(())
}
