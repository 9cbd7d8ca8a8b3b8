//! Answers as a latent class model reads them: equal rows once, and categorical items packed into blocks whose code says all of them at once.
//!
//! A block of items with 2, 2 and 3 answers has 2 · 2 · 3 codes; an item that some rows lack has one more, for what is missing. The likelihood of a row is then a
//! product of one table entry per block instead of one per item, and what the classes say of items is added up block by block.

/// How an item is modelled, with its number of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A free probability for each answer and class.
    Nominal(usize),
    /// Adjacent-category logit: the classes differ by one slope each.
    Ordinal(usize),
    /// Normal, with a mean for each class and one variance.
    Number,
}

/// The most codes of a block.
const MOST_CODES: usize = 1024;
/// Rows for each code that make a table worth its while.
const ROWS_PER_CODE: usize = 8;

/// Items whose answers are one code; the last item is its last digit.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Which items, by their place among all.
    pub(crate) items: Vec<usize>,
    /// Answers of each.
    pub(crate) levels: Vec<usize>,
    /// Answers of each, and one more where it is missing in some row.
    pub(crate) radixes: Vec<usize>,
    pub(crate) codes: Vec<u16>,
}

impl Block {
    pub(crate) fn size(&self) -> usize {
        self.radixes.iter().product()
    }

    /// The code of a categorical item in a pattern; `None` where it is missing.
    pub(crate) fn answer(&self, digit: usize, pattern: usize) -> Option<usize> {
        let below: usize = self.radixes[digit + 1..].iter().product();
        let code = self.codes[pattern] as usize / below % self.radixes[digit];
        (code < self.levels[digit]).then_some(code)
    }

    /// Whether some row lacks an item.
    pub(crate) fn has_missing(&self) -> bool {
        self.levels != self.radixes
    }

    /// How many respondents gave each answer to each item.
    pub(crate) fn totals(&self, counts: &[f64]) -> Vec<Vec<f64>> {
        let mut of_codes = vec![0.0; self.size()];
        self.codes.iter().zip(counts).for_each(|(&code, count)| of_codes[code as usize] += count);
        let mut below = self.size();
        let of_item = |(&radix, &levels): (&usize, &usize)| {
            let above = below;
            below /= radix;
            let mut totals = vec![0.0; radix];
            for codes in of_codes.chunks_exact(above) {
                totals
                    .iter_mut()
                    .zip(codes.chunks_exact(below))
                    .for_each(|(sum, same)| *sum += same.iter().sum::<f64>());
            }
            totals.truncate(levels);
            totals
        };
        self.radixes.iter().zip(&self.levels).map(of_item).collect()
    }

    fn picked(&self, rows: &[usize]) -> Self {
        Self { codes: rows.iter().map(|&row| self.codes[row]).collect(), ..self.clone() }
    }
}

/// Answers of all items in the rows of a table: a code for each, the number of answers where it is missing; numbers are NaN then.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub(crate) codes: Vec<Vec<u16>>,
    pub(crate) numbers: Vec<Vec<f64>>,
}

/// Different answers with how many gave them.
#[derive(Debug, Clone)]
pub(crate) struct Data {
    pub(crate) shapes: Vec<Shape>,
    pub(crate) blocks: Vec<Block>,
    /// Numeric items: which, and their values.
    pub(crate) numbers: Vec<(usize, Vec<f64>)>,
    pub(crate) counts: Vec<f64>,
    /// The mean and variance of each numeric item.
    pub(crate) moments: Vec<(f64, f64)>,
}

impl Data {
    /// Packs and compresses rows; also tells the place of each row. Patterns are in the order of their codes, whatever the order of rows.
    pub(crate) fn of(shapes: &[Shape], rows: &Rows, weights: &[f64]) -> (Self, Vec<u32>) {
        let n = weights.len();
        let blocks = packed(shapes, &rows.codes, n);
        let (keys, keyed) = keys(&blocks, n);
        let mut order: Vec<u32> = (0..n as u32).collect();
        let compare = |a: u32, b: u32| {
            let (a, b) = (a as usize, b as usize);
            if keys[a] != keys[b] {
                return keys[a].cmp(&keys[b]);
            }
            let by_codes = blocks[keyed..].iter().map(|block| block.codes[a].cmp(&block.codes[b]));
            let by_numbers = rows.numbers.iter().map(|values| values[a].total_cmp(&values[b]));
            by_codes.chain(by_numbers).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        };
        order.sort_unstable_by(|a, b| compare(*a, *b).then(a.cmp(b)));
        let mut places = vec![0; n];
        let (mut firsts, mut counts): (Vec<usize>, Vec<f64>) = (Vec::new(), Vec::new());
        for (at, &row) in order.iter().enumerate() {
            if at == 0 || compare(order[at - 1], row).is_ne() {
                firsts.push(row as usize);
                counts.push(0.0);
            }
            places[row as usize] = counts.len() as u32 - 1;
            if let Some(count) = counts.last_mut() {
                *count += weights[row as usize];
            }
        }
        let is_number = |(_, shape): &(usize, &Shape)| **shape == Shape::Number;
        let numeric = shapes.iter().enumerate().filter(is_number).map(|(item, _)| item);
        let numbers: Vec<(usize, Vec<f64>)> = numeric
            .zip(&rows.numbers)
            .map(|(item, values)| (item, firsts.iter().map(|&row| values[row]).collect()))
            .collect();
        let moments = numbers.iter().map(|(_, values)| moments(values, &counts)).collect();
        let blocks = blocks.iter().map(|block| block.picked(&firsts)).collect();
        (Self { shapes: shapes.to_vec(), blocks, numbers, counts, moments }, places)
    }

    /// The same patterns with other counts, those without any left out; patterns of one count stand together, as their logarithms are taken together.
    pub(crate) fn counted(&self, counts: &[f64]) -> Self {
        let mut kept: Vec<usize> = (0..counts.len()).filter(|&pattern| counts[pattern] > 0.0).collect();
        kept.sort_by(|a, b| counts[*a].total_cmp(&counts[*b]));
        let of = |values: &[f64]| kept.iter().map(|&pattern| values[pattern]).collect::<Vec<f64>>();
        Self {
            shapes: self.shapes.clone(),
            blocks: self.blocks.iter().map(|block| block.picked(&kept)).collect(),
            numbers: self.numbers.iter().map(|(item, values)| (*item, of(values))).collect(),
            counts: of(counts),
            moments: self.moments.clone(),
        }
    }

    /// How many respondents gave each answer to each categorical item, in the order of [`Self::digits`].
    pub(crate) fn totals(&self) -> Vec<Vec<f64>> {
        self.blocks.iter().flat_map(|block| block.totals(&self.counts)).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.counts.len()
    }

    pub(crate) fn total(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// The categorical items: their place among all, the block and digit that hold them.
    pub(crate) fn digits(&self) -> impl Iterator<Item = (usize, &Block, usize)> {
        self.blocks
            .iter()
            .flat_map(|block| block.items.iter().enumerate().map(move |(digit, &item)| (item, block, digit)))
    }
}

/// Items side by side in blocks as large as the rows make worth while.
fn packed(shapes: &[Shape], codes: &[Vec<u16>], n: usize) -> Vec<Block> {
    let most = (n / ROWS_PER_CODE).clamp(1, MOST_CODES);
    let mut blocks: Vec<Block> = Vec::new();
    let categorical = shapes.iter().enumerate().filter_map(|(item, shape)| match shape {
        Shape::Nominal(levels) | Shape::Ordinal(levels) => Some((item, *levels)),
        Shape::Number => None,
    });
    for ((item, levels), codes) in categorical.zip(codes) {
        let radix = levels + usize::from(codes.iter().any(|&code| code as usize == levels));
        match blocks.last_mut().filter(|block| block.size() * radix <= most) {
            Some(block) => {
                block.items.push(item);
                block.levels.push(levels);
                block.radixes.push(radix);
                block.codes.iter_mut().zip(codes).for_each(|(all, code)| *all = *all * radix as u16 + code);
            }
            None => blocks.push(Block {
                items: vec![item],
                levels: vec![levels],
                radixes: vec![radix],
                codes: codes.clone(),
            }),
        }
    }
    blocks
}

/// As many blocks' codes as one number holds, and how many blocks these are.
fn keys(blocks: &[Block], n: usize) -> (Vec<u64>, usize) {
    let mut keys = vec![0; n];
    let mut sizes = 1_u64;
    for (at, block) in blocks.iter().enumerate() {
        let size = block.size() as u64;
        let Some(product) = sizes.checked_mul(size) else { return (keys, at) };
        sizes = product;
        keys.iter_mut().zip(&block.codes).for_each(|(key, code)| *key = *key * size + u64::from(*code));
    }
    (keys, blocks.len())
}

/// The mean and variance of what is known.
fn moments(values: &[f64], counts: &[f64]) -> (f64, f64) {
    let known = || values.iter().zip(counts).filter(|(value, _)| !value.is_nan());
    let total: f64 = known().map(|(_, count)| count).sum();
    let mean = known().map(|(value, count)| value * count).sum::<f64>() / total;
    (mean, known().map(|(value, count)| (value - mean).powi(2) * count).sum::<f64>() / total)
}
