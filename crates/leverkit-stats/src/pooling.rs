//! Partial pooling: estimates of groups are pulled towards the overall average, the more the smaller the group.
//!
//! Groups are taken to be normal around the average, with the variance between them of `DerSimonian` & Laird (1986).

/// The variance between groups of (estimate, variance); `centre` is taken where none tells anything.
///
/// ```
/// use leverkit_stats::pooling::between;
/// assert_eq!(between(&[(1.0, 0.5), (1.1, 0.5)], 0.0), 0.0); // no more than chance
/// assert!(between(&[(0.0, 0.1), (4.0, 0.1)], 0.0) > 5.0);
/// ```
pub fn between(groups: &[(f64, f64)], centre: f64) -> f64 {
    let known: Vec<(f64, f64)> = groups.iter().copied().filter(|(_, variance)| *variance > 0.0).collect();
    let sum =
        |of: fn(f64, f64) -> f64| known.iter().map(|(estimate, variance)| of(*estimate, 1.0 / variance)).sum::<f64>();
    let (weights, squares) = (sum(|_, w| w), sum(|_, w| w * w));
    let centre = if weights > 0.0 { sum(|e, w| e * w) / weights } else { centre };
    let spread: f64 = known.iter().map(|(estimate, variance)| (estimate - centre).powi(2) / variance).sum();
    // One group alone, or none, says nothing of how groups differ: 0/0 is taken as no difference.
    ((spread - (known.len() as f64 - 1.0)) / (weights - squares / weights)).max(0.0)
}

/// How much of its own a group's estimate keeps.
///
/// ```
/// assert_eq!(leverkit_stats::pooling::credibility(1.0, 3.0), 0.75);
/// ```
pub fn credibility(own_variance: f64, between: f64) -> f64 {
    if between + own_variance > 0.0 { between / (between + own_variance) } else { 1.0 }
}
