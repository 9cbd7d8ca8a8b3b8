//! Points that were earned: how many will be redeemed, and what is owed for them.
