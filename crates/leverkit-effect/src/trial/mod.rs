//! Tests: how many customers and weeks they need, what they found, and when to stop.
