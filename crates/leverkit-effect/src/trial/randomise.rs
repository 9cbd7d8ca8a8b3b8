//! Who is treated: units drawn into arms, within strata or among matched neighbours.

use leverkit_core::columns::{find, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Groups, LeftOut, NO_CODE, Params, Reason, Table, encode};
use leverkit_stats::sum;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use serde::Serialize;

use super::params::RandomiseParams;
use crate::Error;

/// Units with the arms they were drawn into.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// What it was made with.
    pub params: RandomiseParams,
    /// The units, in the order of their values.
    pub units: Column,
    /// The number of each unit's arm.
    pub arms: Vec<u32>,
    /// The number of each unit's block: its stratum, or its set of matched neighbours.
    pub blocks: Vec<u32>,
    /// How alike the arms are.
    pub balance: Vec<ArmBalance>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// An arm's mean of a number, against the first arm's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmBalance {
    /// The column.
    pub column: String,
    /// The arm.
    pub arm: String,
    /// Units.
    pub n: u64,
    /// The mean.
    pub mean: f64,
    /// The difference from the first arm's mean in standard deviations of all units; `None` where the column does not vary.
    pub difference: Option<f64>,
}

/// Draws units into arms by lot. The draw depends on the units and the seed, not on the order of rows.
///
/// Within each stratum the arms get their shares up to one unit, and overall too. With `match_on`, neighbours by that number make blocks of one
/// unit per arm: matching on one prediction of the outcome, such as spend before, is the best stratification there is (Bai 2022).
///
/// # Errors
/// [`Error::Core`] for an unknown column or a parameter out of range; [`Error::Value`] for a unit that comes twice or a number that is unknown;
/// [`Error::Empty`] where no unit is left.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_effect::trial::{RandomiseParams, randomise};
/// let shops = Table::from(batch!("shop" => ["a", "b", "c", "d"], "sales" => [10.0, 90.0, 11.0, 95.0])?);
/// let params = RandomiseParams { match_on: Some("sales".into()), ..RandomiseParams::new("shop") };
/// let drawn = randomise(&shops, &params)?;
/// assert_ne!(drawn.arms[0], drawn.arms[2]); // a and c are neighbours
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn randomise(table: &Table, params: &RandomiseParams) -> Result<Assignment, Error> {
    params.check()?;
    let units = Units::read(table, params)?;
    let mut random = Pcg64::seed_from_u64(params.seed);
    let (arms, blocks) = match &params.match_on {
        Some(name) => units.matched(&units.numbers(table, "match_on", name)?, params, &mut random),
        None => (units.stratified(params, &mut random), units.strata.clone()),
    };
    let balance = params.match_on.iter().chain(&params.balance).map(|name| {
        let values = units.numbers(table, "balance", name)?;
        Ok(balance(name, &values, &arms, params))
    });
    let balance = balance.collect::<Result<Vec<_>, Error>>()?.concat();
    Ok(Assignment { params: params.clone(), units: units.values, arms, blocks, balance, left_out: units.left_out })
}

/// The units in the order of their values: where each stands in the table, and its stratum.
struct Units {
    values: Column,
    rows: Vec<usize>,
    strata: Vec<u32>,
    n_strata: usize,
    left_out: Vec<LeftOut>,
}

impl Units {
    fn read(table: &Table, params: &RandomiseParams) -> Result<Self, Error> {
        let units = encode(find(table, "unit", &params.unit)?, "unit")?;
        let strata: Vec<Column> =
            params.strata.iter().map(|name| find(table, "strata", name)).collect::<Result<_, _>>()?;
        let groups = Groups::of(table.rows(), &strata)?;
        let mut rows = vec![usize::MAX; units.values.len()];
        let mut tallies = Tallies::default();
        for (row, code) in units.codes.iter().enumerate() {
            if *code == NO_CODE {
                tallies.note(Reason::NoUnit, row, f64::NAN);
            } else if rows[*code as usize] < usize::MAX {
                return Err(twice(&params.unit, &units.values, *code, row));
            } else {
                rows[*code as usize] = row;
            }
        }
        let left_out = tallies.left_out(&[Reason::NoUnit]);
        if rows.is_empty() {
            return Err(Error::empty("randomise", table.rows(), &left_out));
        }
        let strata = rows.iter().map(|row| groups.codes()[*row]).collect();
        let values = units.values.renamed(&params.unit);
        Ok(Self { values, rows, strata, n_strata: groups.len(), left_out })
    }

    /// A number of every unit.
    fn numbers(&self, table: &Table, role: &str, name: &str) -> Result<Vec<f64>, Error> {
        let all = numbers(&find(table, role, name)?, role)?;
        let known = |row: &usize| {
            let expected = "a finite number for every unit: fill it, or leave the unit out".into();
            let (role, column) = (role.into(), name.into());
            let value = all[*row];
            value.is_finite().then_some(value).ok_or(Error::Value {
                role,
                column,
                row: *row,
                got: value.to_string(),
                expected,
            })
        };
        self.rows.iter().map(known).collect()
    }

    /// The units of each stratum, in the order of their values.
    fn by_stratum(&self) -> Vec<Vec<usize>> {
        let mut strata = vec![Vec::new(); self.n_strata];
        self.strata.iter().enumerate().for_each(|(unit, stratum)| strata[*stratum as usize].push(unit));
        strata
    }

    /// Arms within strata: each unit gets the arm that is furthest behind its share, and the units of a stratum are dealt in random order.
    fn stratified(&self, params: &RandomiseParams, random: &mut Pcg64) -> Vec<u32> {
        let mut arms = vec![0; self.strata.len()];
        let mut quota = Quota::new(params);
        for mut units in self.by_stratum() {
            units.shuffle(random);
            units.iter().for_each(|unit| arms[*unit] = quota.next());
        }
        arms
    }

    /// Arms among neighbours: of every so many units in the order of the number, each arm gets one. What is left at the end of a stratum is dealt
    /// by lot.
    fn matched(&self, by: &[f64], params: &RandomiseParams, random: &mut Pcg64) -> (Vec<u32>, Vec<u32>) {
        let (mut arms, mut blocks) = (vec![0; by.len()], vec![0; by.len()]);
        let mut block = 0;
        for mut units in self.by_stratum() {
            units.sort_by(|a, b| by[*a].total_cmp(&by[*b]));
            for neighbours in units.chunks(params.arms.len()) {
                let mut dealt: Vec<u32> = (0..params.arms.len() as u32).collect();
                dealt.shuffle(random);
                for (unit, arm) in neighbours.iter().zip(dealt) {
                    (arms[*unit], blocks[*unit]) = (arm, block);
                }
                block += 1;
            }
        }
        (arms, blocks)
    }
}

fn twice(column: &str, values: &Column, code: u32, row: usize) -> Error {
    let got = values.text(code as usize).unwrap_or_default();
    let expected = "each unit once: one row per unit".into();
    Error::Value { role: "unit".into(), column: column.into(), row, got: format!("{got:?} again"), expected }
}

/// Deals arms so that at any time each is at most one behind its share.
struct Quota {
    shares: Vec<f64>,
    dealt: Vec<f64>,
    n: f64,
}

impl Quota {
    fn new(params: &RandomiseParams) -> Self {
        let shares: Vec<f64> = params.arms.iter().map(|arm| arm.1).collect();
        Self { dealt: vec![0.0; shares.len()], shares, n: 0.0 }
    }

    fn next(&mut self) -> u32 {
        self.n += 1.0;
        let behind = |arm: &usize| self.shares[*arm] * self.n - self.dealt[*arm];
        let arm = (0..self.shares.len()).rev().max_by(|a, b| behind(a).total_cmp(&behind(b))).unwrap_or_default();
        self.dealt[arm] += 1.0;
        arm as u32
    }
}

fn balance(column: &str, values: &[f64], arms: &[u32], params: &RandomiseParams) -> Vec<ArmBalance> {
    let n = values.len() as f64;
    let centre = sum(values) / n;
    let squares: Vec<f64> = values.iter().map(|value| (value - centre).powi(2)).collect();
    let spread = (sum(&squares) / (n - 1.0)).sqrt();
    let of = |arm: u32| -> Vec<f64> {
        values.iter().zip(arms).filter(|(_, own)| **own == arm).map(|(value, _)| *value).collect()
    };
    let mean = |values: &[f64]| sum(values) / values.len() as f64;
    let first = mean(&of(0));
    let rows = params.arms.iter().zip(0..).map(|((name, _), arm)| {
        let own = of(arm);
        let difference = (mean(&own) - first) / spread;
        ArmBalance {
            column: column.into(),
            arm: name.clone(),
            n: own.len() as u64,
            mean: mean(&own),
            difference: Some(difference).filter(|difference| difference.is_finite()),
        }
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::*;

    fn shops(n: i64) -> Table {
        batch!(
            "shop" => (0..n).collect::<Vec<i64>>(),
            "region" => (0..n).map(|at| if at % 3 == 0 { "north" } else { "south" }).collect::<Vec<_>>(),
            "sales" => (0..n).map(|at| ((at * 37) % 101) as f64).collect::<Vec<_>>(),
        )
        .unwrap()
        .into()
    }

    #[test]
    fn arms_keep_their_shares_within_strata_and_overall() {
        let arms = vec![("control".into(), 0.2), ("a".into(), 0.4), ("b".into(), 0.4)];
        let params = RandomiseParams { arms, strata: vec!["region".into()], ..RandomiseParams::new("shop") };
        let drawn = randomise(&shops(100), &params).unwrap();
        let count = |stratum: u32, arm: u32| {
            drawn.blocks.iter().zip(&drawn.arms).filter(|pair| *pair.0 == stratum && *pair.1 == arm).count()
        };
        assert_eq!(drawn.arms.iter().filter(|arm| **arm == 0).count(), 20);
        // 34 shops in the north: 6.8, 13.6, 13.6.
        assert!((6..=8).contains(&count(0, 0)) && (13..=15).contains(&count(0, 1)));
    }

    #[test]
    fn the_draw_does_not_depend_on_the_order_of_rows() {
        let table = shops(60);
        let order: Vec<u32> = (0..60).map(|at| (at * 7) % 60).collect();
        let shuffled = table.columns().iter().map(|column| column.take(&order).unwrap()).collect();
        let params = RandomiseParams { balance: vec!["sales".into()], ..RandomiseParams::new("shop") };
        let (one, other) =
            (randomise(&table, &params).unwrap(), randomise(&Table::new(shuffled).unwrap(), &params).unwrap());
        assert_eq!((&one.arms, &one.balance), (&other.arms, &other.balance));
        assert_ne!(one.arms, randomise(&table, &RandomiseParams { seed: 2, ..params }).unwrap().arms);
    }

    #[test]
    fn matched_arms_are_more_alike_than_drawn_ones() {
        let matched = RandomiseParams { match_on: Some("sales".into()), ..RandomiseParams::new("shop") };
        let drawn = randomise(&shops(100), &matched).unwrap();
        assert!(drawn.balance[1].difference.unwrap().abs() < 0.02, "{:?}", drawn.balance);
        assert_eq!(drawn.blocks.iter().max(), Some(&49));
    }

    #[test]
    fn a_unit_that_comes_twice_is_named() {
        let table = batch!("shop" => ["a", "b", "a"]).unwrap().into();
        let error = randomise(&table, &RandomiseParams::new("shop")).unwrap_err();
        insta::assert_snapshot!(error, @r#"unit: column "shop" holds "a" again in row 2; expected each unit once: one row per unit"#);
    }

    #[test]
    fn shares_that_do_not_add_up_are_refused() {
        let arms = vec![("a".into(), 0.5), ("b".into(), 0.6)];
        let error = randomise(&shops(9), &RandomiseParams { arms, ..RandomiseParams::new("shop") }).unwrap_err();
        insta::assert_snapshot!(error, @r#"arms: got [("a", 0.5), ("b", 0.6)]; expected two or more arms whose shares add up to 1"#);
    }
}
