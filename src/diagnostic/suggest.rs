//! The near name.

/// `did you mean ...?`, where one of `known` is close to `written`; otherwise the list of what is known,
/// as long as it is short enough to read.
pub fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(written, name), *name))
        .filter(|(distance, name)| *distance <= 1 + written.chars().count().max(name.chars().count()) / 4)
        .min();
    if let Some((_, name)) = nearest {
        return Some(format!("did you mean `{name}`?"));
    }
    match known.len() {
        0 => None,
        1..=12 => {
            Some(format!("known here: {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")))
        }
        many => Some(format!("none of the {many} known names is close to it")),
    }
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn the_nearest_name_is_proposed_and_a_far_one_is_not() {
        assert_eq!(did_you_mean("catalgo", ["catalog", "payments"]).as_deref(), Some("did you mean `catalog`?"));
        assert_eq!(did_you_mean("zzz", ["catalog", "payments"]).as_deref(), Some("known here: `catalog`, `payments`"));
        assert_eq!(did_you_mean("zzz", []), None);
    }
}
