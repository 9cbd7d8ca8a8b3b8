//! Statistics that the engines share (placeholder until the module lands).
#![allow(missing_docs)]
pub fn sum(v: &[f64]) -> f64 {
    v.iter().sum()
}
pub fn par_sum(v: &[f64]) -> f64 {
    v.iter().sum()
}
pub fn quantiles(v: &mut [f64], p: &[f64]) -> Vec<f64> {
    if v.is_empty() {
        return vec![];
    }
    v.sort_unstable_by(f64::total_cmp);
    p.iter()
        .map(|p| {
            let h = p * (v.len() - 1) as f64;
            let i = h.floor() as usize;
            let j = (i + 1).min(v.len() - 1);
            v[i] + (h - i as f64) * (v[j] - v[i])
        })
        .collect()
}
#[derive(Debug)]
pub struct K {
    pub boundaries: Vec<f64>,
}
pub fn kmeans(_: &[f64], _: &[f64], _: usize) -> Result<K, std::fmt::Error> {
    Err(std::fmt::Error)
}
