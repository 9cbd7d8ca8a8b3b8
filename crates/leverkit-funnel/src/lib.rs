//! The product funnel: what customers buy first, what next and when, where they drop, how many leads a target needs.
//!
//! Not written yet: this crate marks the engine's place in the workspace.
