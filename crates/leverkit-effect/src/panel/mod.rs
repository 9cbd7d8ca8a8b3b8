//! Outcomes per unit and period, from a ledger or from a frame, and what the designs need of them: moments by cohort.
