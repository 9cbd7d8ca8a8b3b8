//! The profit formula: what makes the profit, what a change of each parameter is worth, who owns which KPI.
//!
//! Not written yet: this crate marks the engine's place in the workspace.
