//! Policies, compiled once and asked about many accounts.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, Value};

use super::finding::from_answer;
use super::{Fault, Finding, Outcome, PolicyFile, Rule, rule};

/// How long one rule may think.
///
/// A rule that runs out of time is a fault. The limits are far above what an honest rule needs; they are there
/// for the one that multiplies three lists of ten thousand.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One rule about one account.
    pub each: Duration,
    /// One rule about all accounts at once.
    pub all: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { each: Duration::from_secs(10), all: Duration::from_secs(60) }
    }
}

/// Compiled policies.
#[derive(Clone)]
pub struct Policies {
    engine: Engine,
    rules: Vec<Rule>,
    limits: Limits,
}

impl Policies {
    /// Compiles policies; test files are left out. Reports every file that cannot be compiled, not only the first.
    pub fn compile(files: &[PolicyFile], limits: Limits) -> Result<Self, Vec<Fault>> {
        let (engine, modules) = engine_of(files.iter().filter(|file| !file.is_test()))?;
        let mut rules: BTreeMap<(String, String), Rule> = BTreeMap::new();
        for module in &modules {
            for declared in &module.rules {
                if let Some(rule) = rule::asked(&module.package, &module.path, declared) {
                    rules.entry((rule.package.clone(), rule.name.clone())).or_insert(rule);
                }
            }
        }
        Ok(Self { engine, rules: rules.into_values().collect(), limits })
    }

    /// The rules that will be asked, in order of package and name.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Asks every rule about every account, then the rules over all accounts about all of them.
    ///
    /// `inputs` are pairs of an account's key and its input document as JSON text. Accounts are judged in
    /// parallel; what comes out is in the order of `inputs` whatever the threads did.
    pub fn evaluate(&self, inputs: &[(String, String)]) -> Outcome {
        let (over_all, each): (Vec<&Rule>, Vec<&Rule>) = self.rules.iter().partition(|rule| rule.sees_all_accounts());
        let mut outcome = Outcome::default();
        let answers: Vec<_> = inputs
            .par_iter()
            .map_init(
                || self.engine.clone(),
                |engine, (account, input)| {
                    let parsed = parse_input(account, input)?;
                    Ok(ask(engine, &each, Some(account), parsed, self.limits.each))
                },
            )
            .collect();
        for answer in answers {
            outcome.take(answer);
        }
        if !over_all.is_empty() {
            let answer =
                all_inputs(inputs).map(|input| ask(&mut self.engine.clone(), &over_all, None, input, self.limits.all));
            outcome.take(answer);
        }
        outcome
    }
}

type Answer = (Vec<Finding>, Vec<Fault>);

impl Outcome {
    fn take(&mut self, answer: Result<Answer, Fault>) {
        match answer {
            Ok((findings, faults)) => {
                self.findings.extend(findings);
                self.faults.extend(faults);
            }
            Err(fault) => self.faults.push(fault),
        }
    }
}

fn ask(engine: &mut Engine, rules: &[&Rule], account: Option<&str>, input: Value, limit: Duration) -> Answer {
    let mut answer = Answer::default();
    engine.set_input(input);
    for rule in rules {
        // Setting the timer starts it anew: the limit is for one rule, not for the sum of them.
        limit_time(engine, limit);
        let said = engine
            .eval_rule(rule.query())
            .map_err(|error| Fault::from_error(&error, &rule.path, Some(rule.line)).for_account(account))
            .and_then(|value| from_answer(rule, account, &value));
        match said {
            Ok(findings) => answer.0.extend(findings),
            Err(fault) => answer.1.push(fault),
        }
    }
    answer
}

pub(super) fn limit_time(engine: &mut Engine, limit: Duration) {
    const CHECK_EVERY: NonZeroU32 = NonZeroU32::new(1_000).expect("a thousand is not zero");
    engine.set_execution_timer_config(ExecutionTimerConfig { limit, check_interval: CHECK_EVERY });
}

fn parse_input(account: &str, json: &str) -> Result<Value, Fault> {
    Value::from_json_str(json).map_err(|error| {
        Fault::at("input", None, format!("the account's digest cannot be shown to policies: {error}"))
            .for_account(Some(account))
    })
}

/// What rules over all accounts see: `{"digests": [..], "by_account": {key: digest}}`.
fn all_inputs(inputs: &[(String, String)]) -> Result<Value, Fault> {
    let mut list = Vec::with_capacity(inputs.len());
    let mut by_account = BTreeMap::new();
    for (account, input) in inputs {
        let parsed = parse_input(account, input)?;
        by_account.insert(Value::from(account.as_str()), parsed.clone());
        list.push(parsed);
    }
    let all = BTreeMap::from([
        (Value::from("digests"), Value::from(list)),
        (Value::from("by_account"), Value::from(by_account)),
    ]);
    Ok(Value::from(all))
}

/// Adds a policy. Where today's Rego does not understand it, it may be written in the older spelling
/// (`deny[msg] { .. }`); what is wrong is said in terms of today's.
fn add(engine: &mut Engine, file: &PolicyFile) -> Result<(), Fault> {
    let Err(error) = engine.add_policy(file.path.clone(), file.text.clone()) else { return Ok(()) };
    engine.set_rego_v0(true);
    let older = engine.add_policy(file.path.clone(), file.text.clone());
    engine.set_rego_v0(false);
    older.map(|_package| ()).map_err(|_older| Fault::from_error(&error, &file.path, None))
}

/// One policy file's package and rules.
pub(super) struct LoadedModule {
    pub(super) package: String,
    pub(super) path: String,
    pub(super) rules: Vec<rule::Declared>,
}

/// An engine that holds the files, prepared so that clones of it need not be.
pub(super) fn engine_of<'a>(
    files: impl Iterator<Item = &'a PolicyFile>,
) -> Result<(Engine, Vec<LoadedModule>), Vec<Fault>> {
    let mut engine = Engine::new();
    let mut faults = Vec::new();
    let mut paths = Vec::new();
    for file in files {
        let added = if file.is_data() {
            engine.add_data_json(&file.text).map_err(|error| Fault::from_error(&error, &file.path, None))
        } else {
            add(&mut engine, file).map(|()| paths.push(file.path.clone()))
        };
        faults.extend(added.err());
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let first = paths.first().cloned().unwrap_or_default();
    let fail = |error: &dyn std::fmt::Display| vec![Fault::from_error(&error, &first, None)];
    // Some mistakes (unsafe variables, recursion, unknown functions) are found only when all modules are put
    // together, which the engine does before its first query.
    engine.eval_query("true".to_owned(), false).map_err(|error| fail(&error))?;
    let packages = engine.get_packages().map_err(|error| fail(&error))?;
    let modules = packages
        .iter()
        .zip(engine.get_modules().iter())
        .zip(paths)
        .map(|((package, module), path)| LoadedModule {
            package: package.strip_prefix("data.").unwrap_or(package).to_owned(),
            path,
            rules: rule::declared(module).collect(),
        })
        .collect();
    Ok((engine, modules))
}
