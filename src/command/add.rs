//! `groundwork add`

use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::{Context, Failure};
use crate::cli::{AddCommand, AddDomainArgs, AddTeamArgs};
use crate::diagnostic::{Diagnostics, Severity};
use crate::repository::Repository;
use crate::system::inputs::{self, DOMAINS};
use crate::system::{clock, files};

pub(crate) fn run(context: &Context, command: &AddCommand) -> Result<(), Failure> {
    let mut diagnostics = Diagnostics::default();
    let mut inputs = inputs::read(&context.root, &mut diagnostics);
    let before = Repository::load(&inputs, diagnostics, clock::today());
    let text = inputs.files.get(DOMAINS).and_then(|bytes| files::to_text(bytes).ok());
    let Some(mut document) = text.and_then(|text| text.parse::<DocumentMut>().ok()) else {
        context.ui.diagnostics(&before.diagnostics, &before.sources);
        return Err(Failure::Said);
    };
    let what = match command {
        AddCommand::Domain(args) => add_domain(&mut document, args)?,
        AddCommand::Team(args) => add_team(&mut document, args)?,
    };
    let edited = document.to_string();
    inputs.files.insert(DOMAINS.to_owned(), edited.as_bytes().into());
    // The file is written only if it is no worse than before: what was wrong already is not this edit's doing.
    let after = Repository::load(&inputs, Diagnostics::default(), clock::today());
    let messages = |repository: &Repository| -> Vec<String> {
        let errors = repository.diagnostics.iter().filter(|found| found.severity == Severity::Error);
        errors.map(|error| error.message.clone()).collect()
    };
    let known = messages(&before);
    if messages(&after).iter().any(|message| !known.contains(message)) {
        context.ui.diagnostics(&after.diagnostics, &after.sources);
        return Err(Failure::because(format!("{what} would break domains.toml; nothing was written")));
    }
    files::replace(&context.root.join(DOMAINS), &edited).map_err(|error| Failure::from_error(&error))?;
    context.ui.done(format_args!("{what} is in domains.toml"));
    if matches!(command, AddCommand::Domain(_)) {
        context
            .ui
            .status("next: `groundwork allocate` gives its accounts their network, `groundwork render` shows them");
    }
    Ok(())
}

fn add_domain(document: &mut DocumentMut, args: &AddDomainArgs) -> Result<String, Failure> {
    let environments: Vec<String> = if args.environments.is_empty() {
        document
            .get("environments")
            .and_then(Item::as_table)
            .into_iter()
            .flatten()
            .map(|(name, _)| name.to_owned())
            .collect()
    } else {
        args.environments.clone()
    };
    let mut table = Table::new();
    table["team"] = value(&args.team);
    table["environments"] = value(environments.into_iter().collect::<Array>());
    optional(&mut table, "description", args.description.as_deref());
    optional(&mut table, "repository", args.repository.as_deref());
    optional(&mut table, "runbook", args.runbook.as_deref());
    insert(document, "domains", "domain", &args.name, table)
}

fn add_team(document: &mut DocumentMut, args: &AddTeamArgs) -> Result<String, Failure> {
    let mut table = Table::new();
    table["email"] = value(&args.email);
    optional(&mut table, "slack", args.slack.as_deref());
    optional(&mut table, "on_call", args.on_call.as_deref());
    optional(&mut table, "cost_center", args.cost_center.as_deref());
    optional(&mut table, "github", args.github.as_deref());
    optional(&mut table, "identity_group", args.identity_group.as_deref());
    insert(document, "teams", "team", &args.name, table)
}

fn optional(table: &mut Table, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        table[key] = value(text);
    }
}

/// Puts `[section.name]` behind the last table of its section, where a reader looks for it.
fn insert(
    document: &mut DocumentMut,
    section: &str,
    noun: &str,
    name: &str,
    mut table: Table,
) -> Result<String, Failure> {
    let last = last_position(document.as_table(), section);
    let tables = document.entry(section).or_insert_with(|| {
        let mut tables = Table::new();
        tables.set_implicit(true);
        Item::Table(tables)
    });
    let Some(tables) = tables.as_table_mut() else {
        return Err(Failure::because(format!("`{section}` in domains.toml is not a table")));
    };
    if tables.contains_key(name) {
        return Err(Failure::because(format!("there is a {noun} `{name}` already")));
    }
    table.set_position(last);
    table.decor_mut().set_prefix("\n");
    tables.insert(name, Item::Table(table));
    Ok(format!("{noun} `{name}`"))
}

/// The position of the last table below `section`, headers of nested and repeated tables included. Tables
/// with equal positions are written in the order of their keys' insertion.
fn last_position(document: &Table, section: &str) -> Option<isize> {
    fn deepest(item: &Item) -> Option<isize> {
        let below = |table: &Table| table.iter().filter_map(|(_, item)| deepest(item)).max();
        match item {
            Item::Table(table) => table.position().max(below(table)),
            Item::ArrayOfTables(tables) => tables.iter().filter_map(|table| table.position().max(below(table))).max(),
            Item::None | Item::Value(_) => None,
        }
    }
    document.get(section).and_then(deepest)
}
