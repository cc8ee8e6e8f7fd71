//! Chance, for pauses that are not the same for all.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// A number from zero to one, another one every time. Good for spreading; never for secrets.
pub fn fraction() -> f64 {
    // The standard library seeds every hasher anew; there is no other chance in it.
    let number = u32::try_from(RandomState::new().build_hasher().finish() >> 32).unwrap_or(0);
    f64::from(number) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_between_zero_and_one_and_differs() {
        let all: Vec<f64> = (0..1_000).map(|_| fraction()).collect();
        assert!(all.iter().all(|number| (0.0..=1.0).contains(number)));
        let mean = all.iter().sum::<f64>() / 1_000.0;
        assert!((0.4..0.6).contains(&mean), "{mean}");
    }
}
