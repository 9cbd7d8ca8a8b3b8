//! Difference-in-differences with staggered joining: effects by cohort and period, and what they add up to.
