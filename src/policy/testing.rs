//! Tests that policy authors write in Rego.

use regorus::Value;

use super::compile::{engine_of, limit_time};
use super::{Fault, Limits, PolicyFile};

/// How one `test_*` rule ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// Package and rule: `groundwork.network_test.test_open_port`.
    pub name: String,
    /// The file that declares it.
    pub path: String,
    /// The line of its declaration.
    pub line: u32,
    /// Nothing, or why it failed.
    pub failure: Option<String>,
}

/// Runs every `test_*` rule of the files, in order of file and line.
///
/// A test passes when its rule is `true`. False, undefined and an error are failures, as with `opa test`. Files
/// without a single test are a fault: a green run has to mean that something was tested.
pub fn run_tests(files: &[PolicyFile], limits: Limits) -> Result<Vec<TestResult>, Vec<Fault>> {
    let (mut engine, modules) = engine_of(files.iter())?;
    let mut results: Vec<TestResult> = Vec::new();
    for module in &modules {
        for declared in module.rules.iter().filter(|declared| declared.name.starts_with("test_")) {
            let name = format!("{}.{}", module.package, declared.name);
            if results.iter().any(|result| result.name == name) {
                continue;
            }
            limit_time(&mut engine, limits.each);
            let failure = match engine.eval_rule(format!("data.{name}")) {
                Ok(Value::Bool(true)) => None,
                Ok(Value::Undefined) => Some("undefined: one of its expressions is not true".to_owned()),
                Ok(other) => Some(format!("it is {other}, not true")),
                Err(error) => Some(Fault::from_error(&error, &module.path, Some(declared.line)).to_string()),
            };
            results.push(TestResult { name, path: module.path.clone(), line: declared.line, failure });
        }
    }
    if results.is_empty() {
        let path = files.first().map_or("", |file| file.path.as_str());
        return Err(vec![Fault::at(path, None, "no rule named `test_*` in these policies")]);
    }
    results.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    Ok(results)
}
