//! What chance puts into one order, given how often each product is bought and how large each order is.
//!
//! Given its size s, an order is a set of products with a chance in proportion to the product of their odds x: independent products, known by both margins
//! (the Rasch model; Chen, Dempster & Liu 1994, Weighted finite population sampling). The odds are those by which each product is expected as
//! often as it was bought, f. With e the elementary symmetric functions of the odds, a product is in an order with the chance π(s) = x e₍ₛ₋₁₎(without it) / eₛ.
//! Of a pair `(f_p − E) / x_p = (f_q − E) / x_q`, as each side is what the orders with one of both hold, so that it is expected in
//! `E = (x_p f_q − x_q f_p) / (x_p − x_q)` orders. In orders of more than 32 products π = xy / (1 + xy), where y is such that all π add up to s, and
//! a pair's chance is that of Hájek (1964). A product of all orders tells nothing: it leaves the model, and orders are a product smaller.

use leverkit_core::stats::budget;

/// Orders up to this size are counted exactly.
const EXACT: usize = 32;
/// Larger ones are taken together where their sizes differ by less than a tenth.
const WIDTH: f64 = 1.1;
const MOST_STEPS: usize = 200;
/// Products are expected as often as they were bought to this share.
const CLOSE: f64 = 1e-8;

/// The model of a ledger's orders. Products that are bought equally often have the same odds: they are a class.
pub(crate) struct Chance {
    /// Of each product; [`ALWAYS`] where it is in all orders, [`NEVER`] where in none.
    class_of: Vec<u32>,
    frequencies: Vec<f64>,
    classes: Vec<Class>,
    /// Orders by size, up to [`EXACT`].
    small: Vec<f64>,
    large: Vec<Large>,
    /// Products of all orders, which sizes do not count.
    always: usize,
    /// By what share of its orders a product is expected more or less often than it was bought, at most.
    off: f64,
}

const ALWAYS: u32 = u32::MAX;
const NEVER: u32 = u32::MAX - 1;

struct Class {
    frequency: f64,
    members: usize,
    odds: f64,
    /// π in orders of each small size.
    small: Vec<f64>,
    /// π in each group of large orders.
    large: Vec<f64>,
    /// How often a member is expected in small orders, and two of them together.
    near: f64,
    near_pair: f64,
}

/// Orders of about one size.
struct Large {
    size: f64,
    orders: f64,
    ln_y: f64,
    /// Σ π(1 − π), less one of the products.
    spread: f64,
}

impl Chance {
    /// Of how many orders hold each product, and how many there are of each size.
    pub(crate) fn of(frequencies: &[u32], sizes: &[u64]) -> Self {
        let mut class_of: Vec<u32> = frequencies.iter().map(|n| if *n == 0 { NEVER } else { 0 }).collect();
        let mut sizes = sizes.to_vec();
        let always = set_apart(frequencies, &mut sizes, &mut class_of);
        let classes = classes(frequencies, &mut class_of);
        let (small, large) = by_size(&sizes);
        let frequencies = frequencies.iter().map(|n| f64::from(*n)).collect();
        let mut chance = Self { class_of, frequencies, classes, small, large, always, off: 0.0 };
        chance.fit();
        chance
    }

    /// What to know where the odds did not settle. Where a product is in all orders of a size and above, its odds have no limit.
    pub(crate) fn note(&self) -> Option<String> {
        (self.off >= CLOSE).then(|| {
            format!(
                "The model of chance did not settle in {MOST_STEPS} steps: it expects products up to {:.2} % more or less often than they were bought. Expected counts, p-values and margins are rough.",
                100.0 * self.off
            )
        })
    }

    /// Orders in which two products are expected together.
    pub(crate) fn pair(&self, a: u32, b: u32) -> f64 {
        let [known_a, known_b] = [a, b].map(|product| self.classes.get(self.class_of[product as usize] as usize));
        let (Some(p), Some(q)) = (known_a, known_b) else {
            return self.frequencies[a as usize].min(self.frequencies[b as usize]);
        };
        let near = if p.odds == q.odds { p.near_pair } else { (p.odds * q.near - q.odds * p.near) / (p.odds - q.odds) };
        let far = self.large.iter().zip(p.large.iter().zip(&q.large));
        let far: f64 = far.map(|(group, (p, q))| group.orders * group.pair(*p, *q)).sum();
        near.clamp(0.0, p.near.min(q.near)) + far
    }

    /// The chance of a product in an order of `size` that holds a set of others, of which those left share its places.
    pub(crate) fn beside(&self, product: u32, set: &[u32], size: usize) -> f64 {
        let Some(class) = self.classes.get(self.class_of[product as usize] as usize) else { return 1.0 };
        let size = size - self.always;
        let others: Vec<&Class> =
            set.iter().filter_map(|other| self.classes.get(self.class_of[*other as usize] as usize)).collect();
        let held: f64 = others.iter().map(|other| self.share(other, size)).sum();
        let open = size as f64 - held;
        if open <= 0.0 { 0.0 } else { (self.share(class, size) * (size - others.len()) as f64 / open).clamp(0.0, 1.0) }
    }

    fn share(&self, class: &Class, size: usize) -> f64 {
        if size <= EXACT {
            return class.small[size];
        }
        let group = self.large.partition_point(|group| group.size * WIDTH.sqrt() < size as f64);
        class.large[group.min(class.large.len() - 1)]
    }

    fn n_products(&self) -> f64 {
        self.classes.iter().map(|class| class.members as f64).sum()
    }

    /// Newton's steps on the logarithm of each class's odds. As sizes are fixed, the products of an order share one place less than they are, by which steps
    /// are shortened.
    fn fit(&mut self) {
        let products = self.n_products();
        self.classes.iter_mut().for_each(|class| class.large = vec![0.0; self.large.len()]);
        let step = (products - 1.0).max(1.0) / products;
        for _ in 0..MOST_STEPS {
            budget::check();
            self.spread_out(products);
            let mut worst = 0.0_f64;
            let (small, large) = (&self.small, &self.large);
            for class in &mut self.classes {
                let (mean, variance) = class.moments(small, large);
                worst = worst.max((class.frequency - mean).abs() / class.frequency);
                if variance > 1e-9 * mean {
                    class.odds *= (step * (class.frequency - mean) / variance).clamp(-2.0, 2.0).exp();
                }
            }
            self.off = worst;
            if worst < CLOSE {
                break;
            }
        }
        self.spread_out(products);
        self.pair_up();
    }

    /// The chances of all classes by their odds.
    fn spread_out(&mut self, products: f64) {
        let total: f64 = self.classes.iter().map(|class| class.members as f64 * class.odds).sum();
        self.classes.iter_mut().for_each(|class| class.odds /= total);
        self.spread_small();
        for (place, group) in self.large.iter_mut().enumerate() {
            group.solve(&self.classes, products);
            self.classes.iter_mut().for_each(|class| class.large[place] = group.share(class.odds));
        }
    }

    fn spread_small(&mut self) {
        let all = self.without(0, 0, None);
        for place in 0..self.classes.len() {
            let one = self.without(place, 1, Some(&all));
            let class = &mut self.classes[place];
            class.small = (0..=EXACT).map(|size| class.odds * all.ratio(&one, size, 1)).collect();
            class.near = class.small.iter().zip(&self.small).map(|(share, orders)| share * orders).sum();
        }
    }

    /// How often two of a class are expected together in small orders.
    fn pair_up(&mut self) {
        let all = self.without(0, 0, None);
        for place in (0..self.classes.len()).filter(|place| self.classes[*place].members > 1).collect::<Vec<_>>() {
            let one = self.without(place, 1, Some(&all));
            let two = self.without(place, 2, Some(&one));
            let odds = self.classes[place].odds;
            let both = |(size, orders): (usize, &f64)| orders * odds * odds * all.ratio(&two, size, 2);
            self.classes[place].near_pair = self.small.iter().enumerate().map(both).sum();
        }
    }

    /// The functions of all odds without some members of a class; `from` has one of them more.
    fn without(&self, place: usize, taken: usize, from: Option<&Symmetric>) -> Symmetric {
        from.and_then(|from| from.without(self.classes[place].odds)).unwrap_or_else(|| {
            let left = |at: usize, members: usize| if at == place { members - taken } else { members };
            let each = self.classes.iter().enumerate();
            Symmetric::of(each.map(|(at, class)| (class.odds, left(at, class.members))))
        })
    }
}

/// Takes products of all orders out, and out of the orders' sizes; returns how many they were.
fn set_apart(frequencies: &[u32], sizes: &mut Vec<u64>, class_of: &mut [u32]) -> usize {
    let orders: u64 = sizes.iter().skip(1).sum();
    let mut always = 0;
    for (class, _) in class_of.iter_mut().zip(frequencies).filter(|(_, n)| u64::from(**n) == orders) {
        *class = ALWAYS;
        always += 1;
    }
    sizes.drain(..always);
    always
}

fn classes(frequencies: &[u32], class_of: &mut [u32]) -> Vec<Class> {
    let mut distinct: Vec<u32> =
        frequencies.iter().zip(&*class_of).filter(|(_, class)| **class == 0).map(|(n, _)| *n).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let mut members = vec![0; distinct.len()];
    for (n, class) in frequencies.iter().zip(class_of).filter(|(_, class)| **class == 0) {
        let place = distinct.partition_point(|other| other < n);
        members[place] += 1;
        *class = place as u32;
    }
    let class = |(n, members): (u32, usize)| Class {
        frequency: f64::from(n),
        members,
        odds: f64::from(n),
        small: Vec::new(),
        large: Vec::new(),
        near: 0.0,
        near_pair: 0.0,
    };
    distinct.into_iter().zip(members).map(class).collect()
}

/// Orders by size, and groups of the larger ones.
fn by_size(sizes: &[u64]) -> (Vec<f64>, Vec<Large>) {
    let mut small: Vec<f64> = sizes.iter().take(EXACT + 1).map(|orders| *orders as f64).collect();
    small.resize(EXACT + 1, 0.0);
    // Empty orders tell nothing.
    small[0] = 0.0;
    let above: Vec<(usize, u64)> =
        sizes.iter().copied().enumerate().skip(EXACT + 1).filter(|(_, orders)| *orders > 0).collect();
    let mut large = Vec::new();
    let mut rest = above.as_slice();
    while let Some(&(least, _)) = rest.first() {
        let end = rest.partition_point(|(size, _)| *size as f64 <= least as f64 * WIDTH);
        let (group, after) = rest.split_at(end);
        let orders = group.iter().map(|(_, orders)| orders).sum::<u64>() as f64;
        let products: u64 = group.iter().map(|(size, orders)| *size as u64 * orders).sum();
        large.push(Large { size: products as f64 / orders, orders, ln_y: 0.0, spread: 0.0 });
        rest = after;
    }
    (small, large)
}

impl Class {
    /// How often a member is expected, and the variance of that.
    fn moments(&self, small: &[f64], large: &[Large]) -> (f64, f64) {
        let all = self.small.iter().zip(small.iter().copied());
        let all = all.chain(self.large.iter().zip(large.iter().map(|group| group.orders)));
        all.fold((0.0, 0.0), |sum, (share, orders)| {
            (sum.0 + orders * share, sum.1 + orders * share * (1.0 - share).max(0.0))
        })
    }
}

impl Large {
    fn share(&self, odds: f64) -> f64 {
        1.0 / (1.0 + (-self.ln_y).exp() / odds)
    }

    /// Finds y by Newton's steps on its logarithm.
    fn solve(&mut self, classes: &[Class], products: f64) {
        for _ in 0..MOST_STEPS {
            budget::check();
            let (mut sum, mut spread) = (0.0, 0.0);
            for class in classes {
                let share = self.share(class.odds);
                sum += class.members as f64 * share;
                spread += class.members as f64 * share * (1.0 - share);
            }
            self.spread = spread * (products - 1.0) / products;
            let lack = self.size - sum;
            if lack.abs() < 1e-9 * self.size || spread <= 1e-9 {
                break;
            }
            self.ln_y += (lack / spread).clamp(-2.0, 2.0);
        }
    }

    fn pair(&self, p: f64, q: f64) -> f64 {
        let less = if self.spread > 0.0 { (1.0 - p) * (1.0 - q) / self.spread } else { 0.0 };
        p * q * (1.0 - less).max(0.0)
    }
}

/// Elementary symmetric functions e₀ … of odds.
struct Symmetric([f64; EXACT + 1]);

impl Symmetric {
    fn of(odds: impl Iterator<Item = (f64, usize)>) -> Self {
        let mut e = [0.0; EXACT + 1];
        e[0] = 1.0;
        for (odds, members) in odds {
            if members <= EXACT / 2 {
                for _ in 0..members {
                    (1..=EXACT).rev().for_each(|k| e[k] += odds * e[k - 1]);
                }
                continue;
            }
            // (1 + x)^members by its binomial series.
            let mut terms = [0.0; EXACT + 1];
            terms[0] = 1.0;
            for k in 1..=EXACT {
                terms[k] = terms[k - 1] * odds * (members as f64 - k as f64 + 1.0).max(0.0) / k as f64;
            }
            for k in (0..=EXACT).rev() {
                e[k] = (0..=k).map(|j| terms[j] * e[k - j]).sum();
            }
        }
        Self(e)
    }

    /// Those without one of the odds; `None` where it is so large that nothing but rounding would be left.
    fn without(&self, odds: f64) -> Option<Self> {
        let mut e = [1.0; EXACT + 1];
        for k in 1..=EXACT {
            let part = odds * e[k - 1];
            if part > 0.6 * self.0[k] {
                return None;
            }
            e[k] = self.0[k] - part;
        }
        Some(Self(e))
    }

    /// The part of others for orders that are `taken` places smaller.
    fn ratio(&self, others: &Self, size: usize, taken: usize) -> f64 {
        if size < taken || self.0[size] <= 0.0 { 0.0 } else { others.0[size - taken] / self.0[size] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model of products bought this often in orders of these sizes.
    fn chance(frequencies: &[u32], sizes: &[usize]) -> Chance {
        let mut counts = vec![0; sizes.iter().max().unwrap_or(&0) + 1];
        sizes.iter().for_each(|size| counts[*size] += 1);
        Chance::of(frequencies, &counts)
    }

    /// How often pairs come together on average over all sets of each size, with these odds.
    fn slowly(odds: &[f64], sizes: &[usize]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let n = odds.len();
        let (mut single, mut pair) = (vec![0.0; n], vec![vec![0.0; n]; n]);
        for size in sizes {
            let sets: Vec<u32> = (0..1_u32 << n).filter(|set| set.count_ones() as usize == *size).collect();
            let weight = |set: u32| (0..n).filter(|p| set >> p & 1 == 1).map(|p| odds[p]).product::<f64>();
            let all: f64 = sets.iter().map(|set| weight(*set)).sum();
            for set in sets {
                for p in (0..n).filter(|p| set >> p & 1 == 1) {
                    single[p] += weight(set) / all;
                    (0..n).filter(|q| set >> q & 1 == 1).for_each(|q| pair[p][q] += weight(set) / all);
                }
            }
        }
        (single, pair)
    }

    #[test]
    fn pairs_are_expected_as_often_as_over_all_orders_of_these_sizes() {
        let sizes: Vec<usize> = (0..1000).map(|order| 1 + order * order % 5).collect();
        let (single, pair) = slowly(&[0.1, 0.4, 1.0, 1.0, 2.5, 9.0], &sizes);
        let scale = 1000;
        let many: Vec<usize> = sizes.iter().flat_map(|size| vec![*size; scale]).collect();
        let frequencies: Vec<u32> = single.iter().map(|n| (n * scale as f64).round() as u32).collect();
        let found = chance(&frequencies, &many);
        for (p, row) in pair.iter().enumerate() {
            for (q, expected) in row.iter().enumerate().filter(|(q, _)| *q != p) {
                let found = found.pair(p as u32, q as u32) / scale as f64;
                assert!((found - expected).abs() < 0.01, "{p} {q}: {found} is not {expected}");
            }
        }
    }

    #[test]
    fn two_products_are_together_in_all_orders_of_two() {
        let sizes: Vec<usize> = [1, 1, 2].repeat(250);
        assert!((chance(&[500, 500], &sizes).pair(0, 1) - 250.0).abs() < 1e-6);
        assert!((chance(&[600, 400], &sizes).pair(0, 1) - 250.0).abs() < 1e-6);
    }

    #[test]
    fn a_product_of_all_orders_is_beside_each_other_as_often_as_that_is_bought() {
        let sizes: Vec<usize> = [1, 2, 3].repeat(100);
        let found = chance(&[300, 150, 150], &sizes);
        assert_eq!((found.pair(0, 1), found.pair(2, 0)), (150.0, 150.0));
        assert!((found.pair(1, 2) - 100.0).abs() < 1e-6);
    }

    #[test]
    fn a_note_says_where_the_odds_did_not_settle() {
        // Product k is in all orders of more than k.
        let nested = |n: usize| chance(&(1..=n as u32).collect::<Vec<_>>(), &(1..=n).collect::<Vec<_>>()).note();
        assert_eq!(nested(8), None);
        assert!(nested(20).unwrap().contains("did not settle in 200 steps"));
    }

    #[test]
    fn large_orders_of_equal_products_are_samples_without_replacement() {
        let sizes = vec![50; 400];
        let found = chance(&[200; 100], &sizes);
        assert!((found.pair(0, 1) - 400.0 * 50.0 * 49.0 / (100.0 * 99.0)).abs() < 1e-6);
    }
}
