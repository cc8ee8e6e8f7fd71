//! groundwork's own environment: what it says, and what of it must not be shown.

use std::env;

/// In a variable's name, what tells that its value is a secret.
const TELLING: [&str; 7] = ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "_KEY", "PRIVATE"];

/// The values of variables whose names say that they are secret.
pub fn secrets() -> Vec<String> {
    env::vars_os()
        .filter(|(name, _)| {
            let name = name.to_string_lossy().to_ascii_uppercase();
            TELLING.iter().any(|telling| name.contains(telling))
        })
        .filter_map(|(_, value)| value.into_string().ok())
        .collect()
}

/// A variable, if it is set to anything.
pub fn variable(name: &str) -> Option<String> {
    env::var_os(name)?.into_string().ok().filter(|value| !value.is_empty())
}
