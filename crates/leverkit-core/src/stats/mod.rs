//! Statistics that the engines share.
pub fn sum(v: &[f64]) -> f64 {
    v.iter().sum()
}
pub fn par_sum(v: &[f64]) -> f64 {
    v.iter().sum()
}
