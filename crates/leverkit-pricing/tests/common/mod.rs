//! Deals and prices whose truth is known.

#![allow(clippy::unwrap_used, dead_code)] // A test may fail; each test program takes what it needs.

use leverkit_core::{Day, Table, batch};
use leverkit_pricing::{DealRoles, Deals};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

pub(crate) struct Draw(Pcg64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n)
    }

    /// Box & Muller's way.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

pub(crate) const NOISE: f64 = 0.01;
pub(crate) const FAR: f64 = 0.25;

/// The normal discount of a size.
pub(crate) fn norm(units: f64) -> f64 {
    (0.03 * units.ln_1p()).min(0.18)
}

pub(crate) struct Planted {
    pub(crate) table: Table,
    pub(crate) outliers: Vec<u32>,
}

/// Deals whose discount is normal for their size but for noise; one in two hundred is `FAR` beyond, and the first of ten reps gives `extra` more.
pub(crate) fn deals(n: usize, extra: f64, seed: u64) -> Planted {
    let mut draw = Draw::new(seed);
    let (mut units, mut list, mut paid, mut rep, mut region) = (vec![], vec![], vec![], vec![], vec![]);
    let mut outliers = Vec::new();
    for row in 0..n {
        let size = (3.0 + 1.2 * draw.normal()).exp().ceil();
        let who = draw.below(10);
        let is_far = draw.uniform() < 0.005;
        if is_far {
            outliers.push(row as u32);
        }
        let price = 10.0 + 90.0 * draw.uniform();
        let off =
            norm(size) + NOISE * draw.normal() + if is_far { FAR } else { 0.0 } + if who == 0 { extra } else { 0.0 };
        units.push(size);
        list.push(price);
        paid.push(price * (1.0 - off));
        rep.push(format!("rep{who}"));
        region.push(draw.below(4) as i32);
    }
    let lines = batch!("units" => units, "list" => list, "paid" => paid, "rep" => rep, "region" => region).unwrap();
    Planted { table: lines.into(), outliers }
}

pub(crate) fn as_deals(table: &Table) -> Deals {
    Deals::from_table(table, &DealRoles::new("list").pocket_price("paid").quantity("units")).unwrap()
}

/// Weekly prices of three shops: south follows north a week later by 80 %, west goes its own way.
pub(crate) fn price_war(products: usize, weeks: i32, seed: u64) -> Table {
    let mut draw = Draw::new(seed);
    let (mut sku, mut seller, mut day, mut price) = (vec![], vec![], vec![], vec![]);
    for product in 0..products {
        let start = 1.0 + draw.uniform();
        let (mut logs, mut before) = ([start, start + 0.04, start - 0.05], 0.0);
        for week in 0..weeks {
            let step = 0.03 * draw.normal();
            logs[0] += step;
            logs[1] += 0.8 * before + 0.01 * draw.normal();
            logs[2] += 0.03 * draw.normal();
            before = step;
            for (name, log) in ["north", "south", "west"].into_iter().zip(logs) {
                sku.push(product as i32);
                seller.push(name);
                day.push(Day::from(19_000 + 7 * week));
                price.push(log.exp());
            }
        }
    }
    batch!("sku" => sku, "seller" => seller, "price" => price, "day" => day).unwrap().into()
}
