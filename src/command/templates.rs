//! `groundwork templates`

use std::collections::BTreeSet;
use std::fs;

use serde::Serialize;

use super::{Context, Failure};
use crate::built_in::{self, Files, MEMORY, Replacement, VERSION, ejection, memory};
use crate::cli::{Format, TemplatesCommand, TemplatesDiffArgs, TemplatesFeatureArgs as FeatureArgs, TemplatesListArgs};
use crate::diagnostic::{Diagnostics, Sources, did_you_mean};
use crate::feature::{BuiltIn, Features, Scope};
use crate::system::inputs::{self, TEMPLATES};
use crate::system::tree::{self, CreateError};

/// The largest file of a feature that is compared.
const LARGEST_FILE: u64 = 32 << 20;

pub(crate) fn run(context: &Context, command: &TemplatesCommand) -> Result<(), Failure> {
    match command {
        TemplatesCommand::List(args) => list(context, args),
        TemplatesCommand::Eject(args) => eject(context, args),
        TemplatesCommand::Diff(args) => diff(context, args),
        TemplatesCommand::Renew(args) => renew(context, args),
    }
}

/// A feature, and where it comes from.
#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    scope: &'static str,
    /// `built-in`, `repository`, or `unused`: built in, and left out by domains.toml.
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ejected: Option<Ejected>,
    description: String,
}

/// How an ejected feature stands.
#[derive(Debug, Serialize)]
struct Ejected {
    version: String,
    changed_here: bool,
    changed_since: bool,
}

fn list(context: &Context, args: &TemplatesListArgs) -> Result<(), Failure> {
    let (mut diagnostics, mut sources) = (Diagnostics::default(), Sources::default());
    let inputs = inputs::read_features(&context.root, &mut diagnostics);
    let chosen = super::schema::built_in(&inputs);
    let used = Features::load(&inputs, &chosen, &mut sources, &mut diagnostics);
    context.ui.diagnostics(&diagnostics, &sources);
    let all = Features::load(&inputs, &BuiltIn::all(), &mut Sources::default(), &mut Diagnostics::default());
    let built_in = built_in::features();
    let beside: BTreeSet<&str> = chosen.beside(&inputs).map(|(name, _)| name).collect();
    let mut listed = Vec::new();
    for feature in all.features.values() {
        let name = feature.name.as_str();
        let source = match (used.features.contains_key(name), beside.contains(name)) {
            (false, _) => "unused",
            (true, true) => "built-in",
            (true, false) => "repository",
        };
        let replaced = built_in.get(name).filter(|_| source == "repository");
        listed.push(Listed {
            name: name.to_owned(),
            scope: if feature.scope == Scope::Organization { "organization" } else { "account" },
            source,
            ejected: replaced.map(|files| standing(context, name, files)).transpose()?.flatten(),
            description: feature.description.clone(),
        });
    }
    context.ui.answer(&match args.format {
        Format::Json => serde_json::to_string_pretty(&listed).unwrap_or_default(),
        Format::Text => table(&listed),
    })?;
    if diagnostics.has_errors() { Err(Failure::Said) } else { Ok(()) }
}

fn standing(context: &Context, name: &str, files: &Files) -> Result<Option<Ejected>, Failure> {
    let replacement = replacement(context, name)?;
    let (here, since) = (replacement.changed_here(name, files), replacement.changed_since(name, files));
    Ok(replacement.made_from.map(|(version, _)| Ejected {
        version,
        changed_here: !here.is_empty(),
        changed_since: !since.is_empty(),
    }))
}

fn table(listed: &[Listed]) -> String {
    let width = listed.iter().map(|feature| feature.name.len()).max().unwrap_or(0);
    let line = |feature: &Listed| {
        let place = match (feature.source, &feature.ejected) {
            ("built-in", _) => "built in".to_owned(),
            ("unused", _) => "not used: templates.built_in in domains.toml leaves it out".to_owned(),
            (_, None) => format!("{TEMPLATES}/{}", feature.name),
            (_, Some(ejected)) => {
                let here = if ejected.changed_here { ", changed here" } else { "" };
                let since = if ejected.changed_since { ", changed in groundwork since" } else { "" };
                format!("{TEMPLATES}/{}, ejected from {}{here}{since}", feature.name, ejected.version)
            }
        };
        format!("{:width$}  {:12}  {place}", feature.name, feature.scope)
    };
    listed.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The built-in feature of that name.
fn named(name: &str) -> Result<Files, Failure> {
    let features = built_in::features();
    features.get(name).cloned().ok_or_else(|| {
        let failure = Failure::because(format!("no feature `{name}` comes with groundwork"));
        let help = did_you_mean(name, features.keys().copied());
        failure
            .help(help.unwrap_or_else(|| format!("there are {}", features.into_keys().collect::<Vec<_>>().join(", "))))
    })
}

fn replacement(context: &Context, name: &str) -> Result<Replacement, Failure> {
    let folder = context.root.join(TEMPLATES).join(name);
    let files = tree::read(&folder, LARGEST_FILE).map_err(|error| Failure::because(error.to_string()))?;
    Ok(Replacement::new(files))
}

fn eject(context: &Context, args: &FeatureArgs) -> Result<(), Failure> {
    let name = &args.feature;
    let files = ejection(&named(name)?);
    let folder = context.root.join(TEMPLATES).join(name);
    if fs::symlink_metadata(&folder).is_ok() {
        return Err(Failure::because(format!("{TEMPLATES}/{name} is there already"))
            .help(format!("`groundwork templates diff {name}` shows how it differs from what is built in")));
    }
    tree::create(&folder, &files).map_err(|error| match error {
        CreateError::Write(error) => Failure::from_error(&error),
        error @ CreateError::InTheWay(_) => Failure::from_error(&error),
    })?;
    context.ui.done(format_args!(
        "{TEMPLATES}/{name} takes the place of what is built in; commit all of it, `{MEMORY}` as well. Nothing renders differently yet"
    ));
    Ok(())
}

fn diff(context: &Context, args: &TemplatesDiffArgs) -> Result<(), Failure> {
    let names: Vec<String> = match &args.feature {
        Some(name) => vec![name.clone()],
        None => built_in::features().into_keys().map(str::to_owned).collect(),
    };
    let (mut text, mut moved) = (String::new(), Vec::new());
    for name in &names {
        let files = named(name)?;
        let found = replacement(context, name)?;
        if found.own.is_empty() {
            if args.feature.is_some() {
                return Err(Failure::because(format!("there is no {TEMPLATES}/{name}: the built-in feature is used"))
                    .help(format!("`groundwork templates eject {name}` copies it to there")));
            }
            continue;
        }
        let since = found.changed_since(name, &files);
        if !since.is_empty() {
            moved.push(name.as_str());
        }
        if args.upstream {
            text.push_str(&since);
            continue;
        }
        let (here, upstream) = match &found.made_from {
            Some((version, _)) => (
                format!("# {name}: changed here since it was ejected from {version}\n"),
                format!("# {name}: changed in groundwork from {version} to {VERSION}\n"),
            ),
            None => (format!("# {name}: other than what groundwork {VERSION} has built in\n"), String::new()),
        };
        for (title, patch) in [(here, found.changed_here(name, &files)), (upstream, since)] {
            if !patch.is_empty() {
                text.push_str(&title);
                text.push_str(&patch);
            }
        }
    }
    if text.is_empty() {
        context.ui.done("no difference");
    } else {
        context.ui.answer(&text)?;
    }
    if args.check && !moved.is_empty() {
        return Err(Failure::because(format!("{} changed in groundwork since it was ejected", moved.join(", ")))
            .help("take over what you want (`groundwork templates diff --upstream | patch -p1`), then `groundwork templates renew FEATURE`"));
    }
    Ok(())
}

fn renew(context: &Context, args: &FeatureArgs) -> Result<(), Failure> {
    let name = &args.feature;
    let files = named(name)?;
    let folder = context.root.join(TEMPLATES).join(name);
    if replacement(context, name)?.own.is_empty() {
        return Err(Failure::because(format!("there is no {TEMPLATES}/{name}: the built-in feature is used")));
    }
    let cannot = |error: std::io::Error| Failure::because(format!("cannot renew {TEMPLATES}/{name}/{MEMORY}: {error}"));
    // The old memory is only gone when the new one is whole.
    let (own, old) = (folder.join(MEMORY), folder.join(format!("{MEMORY}.old")));
    let is_there = fs::symlink_metadata(&own).is_ok();
    if is_there {
        // What a run left that was killed here.
        fs::remove_dir_all(&old).ok();
        fs::rename(&own, &old).map_err(cannot)?;
    }
    if let Err(error) = tree::create(&folder, &memory(&files)) {
        if is_there {
            fs::rename(&old, &own).map_err(cannot)?;
        }
        return Err(Failure::from_error(&error));
    }
    if is_there {
        fs::remove_dir_all(&old).map_err(cannot)?;
    }
    context.ui.done(format_args!("{TEMPLATES}/{name} is compared with groundwork {VERSION} from now on"));
    Ok(())
}
