//! What customers buy: first, next and when, who stops, what part a product plays, and what goes together.

mod baskets;
mod entry;
mod groups;
mod itemsets;
mod ladder;
mod next;
mod recommend;
mod roles;
mod rules;
mod sequences;
pub(crate) mod table;

pub use entry::{EntryParams, EntryProduct, EntryProducts, EntryStep, Verdict, entry_products};
pub use groups::By;
pub use itemsets::Itemset;
pub use ladder::{Ladder, LadderParams, Rung, ladder};
pub use next::{NextParams, NextProducts, Start, State, StateRow, Transition, next_products};
pub use recommend::Recommendation;
pub use roles::{ProductRole, ROLES, Role, RoleParams, Roles, roles};
pub use rules::{BasketRules, Rule, RuleParams, basket_rules};
pub use sequences::{Pattern, SequenceParams, Sequences, sequences};
