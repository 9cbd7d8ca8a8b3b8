//! A biplot of scores (Gabriel 1971): brands as points, dimensions as directions, and whether brands differ by more than chance.

use faer::Mat;
use leverkit_core::stats::budget::Watched;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::blocks::BlockAnswers;
use super::map::{Axes, Map, Names, Place, share};

/// Brands in principal coordinates, so that distances are differences of scores, and dimensions as directions of length 1 at most: a point times a direction is the brand's score less the
/// mean of all brands, as far as two axes tell it.
fn axes_of(scores: &[f64], blocks: usize) -> Option<Axes> {
    let brands = scores.len() / blocks;
    let n = brands as f64;
    let mean = |block: usize| scores.iter().skip(block).step_by(blocks).sum::<f64>() / n;
    let means: Vec<f64> = (0..blocks).map(mean).collect();
    let centred = Mat::from_fn(brands, blocks, |brand, block| scores[brand * blocks + block] - means[block]);
    let svd = centred.thin_svd().ok()?;
    let sizes: Vec<f64> = svd.S().column_vector().iter().copied().take(blocks.min(brands - 1)).collect();
    let size = |axis: usize| sizes.get(axis).copied().unwrap_or_default();
    let of_brand =
        |brand: usize, axis: usize| if axis < sizes.len() { svd.U()[(brand, axis)] * size(axis) } else { 0.0 };
    let of_block = |block: usize, axis: usize| if axis < sizes.len() { svd.V()[(block, axis)] } else { 0.0 };
    let rows: Vec<Place> = (0..brands).map(|brand| [of_brand(brand, 0), of_brand(brand, 1)]).collect();
    let columns: Vec<Place> = (0..blocks).map(|block| [of_block(block, 0), of_block(block, 1)]).collect();
    let square = |brand: usize, block: usize| centred[(brand, block)].powi(2) / n;
    let part_of_brand = |brand: usize| (0..blocks).map(|block| square(brand, block)).sum::<f64>();
    let part_of_block = |block: usize| (0..brands).map(|brand| square(brand, block)).sum::<f64>();
    let parts: Vec<f64> = (0..brands).map(part_of_brand).chain((0..blocks).map(part_of_block)).collect();
    let on_map = |[x, y]: &Place| (x * x + y * y) / n;
    let along = |[x, y]: &Place| on_map(&[x * size(0), y * size(1)]);
    let shown = rows.iter().map(on_map).chain(columns.iter().map(along)).zip(&parts);
    let shown = shown.map(|(shown, part)| share(shown, *part)).collect();
    let inertias = sizes.iter().map(|size| size * size / n).collect();
    let mut axes = Axes { rows, columns, parts, shown, inertias };
    axes.orient();
    Some(axes)
}

impl BlockAnswers<'_> {
    /// The map of scores, with their places in resampled ones; `None` where all brands have the same.
    pub(super) fn map(&self, own: &[f64], drawn: &[Vec<f64>]) -> Option<Map> {
        let axes = axes_of(own, self.blocks()).filter(|axes| axes.inertia() > f64::EPSILON)?;
        let places: Vec<Vec<Place>> =
            drawn.par_iter().watched().filter_map(|scores| Some(axes_of(scores, self.blocks())?.onto(&axes))).collect();
        let blocks: Vec<String> = self.params.blocks.iter().map(|block| block.name.clone()).collect();
        let names = Names { kinds: ["brand", "block"], rows: &self.brands, columns: &blocks };
        let alike = |n: usize| std::iter::repeat_n(1.0 / n as f64, n);
        let masses: Vec<f64> = alike(self.brands.len()).chain(alike(blocks.len())).collect();
        Some(Map::of(&axes, &names, &masses, &places, &self.dealt()))
    }

    /// Inertias where each respondent's answers to a block are dealt anew to the brands that they answered for; those who answered for one brand exchange theirs with one another.
    fn dealt(&self) -> Vec<Vec<f64>> {
        let decks = self.decks();
        let one = |draw: u64| {
            let mut random = Pcg64::seed_from_u64(self.params.seed ^ (draw + 1).wrapping_mul(0xD1B5_4A32_D192_ED03));
            let mut rows: Vec<usize> = (0..self.rows.len()).collect();
            let mut taken: Vec<Vec<usize>> = Vec::with_capacity(self.blocks());
            for block in &decks {
                for deck in block {
                    let mut cards = deck.clone();
                    cards.shuffle(&mut random);
                    deck.iter().zip(cards).for_each(|(row, card)| rows[*row] = card);
                }
                taken.push(rows.clone());
            }
            let scores =
                self.scores_of(&self.respondents.weights, |row, block| self.rows[taken[block][row]].means[block]);
            axes_of(&scores, self.blocks()).map_or_else(Vec::new, |axes| axes.inertias)
        };
        (0..self.params.replicates as u64).into_par_iter().watched().map(one).collect()
    }

    /// By block, the rows whose answers may be exchanged.
    fn decks(&self) -> Vec<Vec<Vec<usize>>> {
        let of = |block: usize| {
            let mut by_person = vec![Vec::new(); self.respondents.len()];
            let answered = self.rows.iter().enumerate().filter(|(_, row)| !row.means[block].is_nan());
            answered.for_each(|(at, row)| by_person[row.person as usize].push(at));
            let (mut decks, singles): (Vec<Vec<usize>>, Vec<Vec<usize>>) =
                by_person.into_iter().partition(|rows| rows.len() > 1);
            decks.push(singles.concat());
            decks
        };
        (0..self.blocks()).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_times_directions_are_the_centred_scores() {
        let scores = [4.0, 2.0, 3.0, 2.0, 4.0, 3.0, 3.0, 3.0, 5.0, 1.0, 1.0, 1.0];
        let axes = axes_of(&scores, 3).unwrap();
        let means = [2.5, 2.5, 3.0];
        for brand in 0..4 {
            for block in 0..3 {
                let [x, y] = axes.rows[brand];
                let [a, b] = axes.columns[block];
                let centred = scores[brand * 3 + block] - means[block];
                let rest = axes.inertias[2] * 4.0;
                assert!((x * a + y * b - centred).abs() <= rest.sqrt() + 1e-12);
            }
        }
        let inertia: f64 = (0..12).map(|at| (scores[at] - means[at % 3]).powi(2)).sum::<f64>() / 4.0;
        assert!((axes.inertia() - inertia).abs() < 1e-12);
        assert!((axes.parts[..4].iter().sum::<f64>() - inertia).abs() < 1e-12);
        assert!((axes.parts[4..].iter().sum::<f64>() - inertia).abs() < 1e-12);
    }

    #[test]
    fn two_brands_lie_on_a_line() {
        let axes = axes_of(&[1.0, 2.0, 4.0, 6.0], 2).unwrap();
        assert_eq!(axes.inertias.len(), 1);
        assert!(((axes.rows[0][0] - axes.rows[1][0]).abs() - 5.0).abs() < 1e-12 && axes.rows[0][1] == 0.0);
    }
}
