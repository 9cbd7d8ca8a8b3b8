//! Which lever is the best in how many worlds, and what it would be worth to know.

use serde::Serialize;

use crate::draws::Draws;
use crate::lever::Lever;

/// A lever among the others that could be pulled first, each by its profit a year less its effort, or none of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decision {
    /// The share of worlds in which it is worth most, and more than nothing.
    pub first: f64,
    /// What it would be worth a year to know its money before choosing: E[max(v, best of the others)] − max of the means (Howard 1966).
    pub value_of_knowing: f64,
}

impl Decision {
    /// One per lever.
    pub(crate) fn of(levers: &[&Lever], alone: &[&Draws]) -> Vec<Self> {
        let worth: Vec<Draws> = levers
            .iter()
            .zip(alone)
            .map(|(lever, alone)| alone.map(|money| money - lever.effort.unwrap_or_default()))
            .collect();
        let means: Vec<f64> = worth.iter().map(Draws::mean).collect();
        let best = means.iter().copied().fold(0.0, f64::max);
        let one = |at: usize| {
            let others =
                means.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, mean)| *mean).fold(0.0, f64::max);
            let known = worth[at].map(|money| money.max(others)).mean();
            // Where the choice stays the same in every world both are sums of the same numbers, but for rounding.
            let changes = known - best > 1e-9 * best;
            Self { first: first(&worth, at), value_of_knowing: if changes { known - best } else { 0.0 } }
        };
        (0..worth.len()).map(one).collect()
    }
}

/// The share of worlds in which this one is worth more than all others, and than nothing.
fn first(worth: &[Draws], at: usize) -> f64 {
    let worlds = worth[at].values().len();
    let leads = |world: &usize| {
        let own = worth[at].values()[*world];
        let others = worth.iter().enumerate().filter(|(other, _)| *other != at);
        own > 0.0 && others.map(|(_, money)| money.values()[*world]).all(|money| money < own)
    };
    (0..worlds).filter(leads).count() as f64 / worlds as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knowing_is_worth_what_the_better_choice_brings() {
        // A lever that brings 100 or costs 60, beside a sure 10: choosing it brings 20, knowing it 55.
        let risky = Draws::new(vec![100.0, -60.0]);
        let safe = Draws::new(vec![10.0, 10.0]);
        let levers = [crate::lever::tests::plain("risky"), crate::lever::tests::plain("safe")];
        let found = Decision::of(&[&levers[0], &levers[1]], &[&risky, &safe]);
        assert!((found[0].value_of_knowing - 35.0).abs() < 1e-9);
        assert!(found[1].value_of_knowing.abs() < 1e-9);
        assert_eq!((found[0].first, found[1].first), (0.5, 0.5));
    }
}
