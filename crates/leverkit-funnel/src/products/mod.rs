//! What customers buy: first, next and when, who stops, the roles of products, and what is bought together.

mod baskets;
mod chance;
mod entry;
mod groups;
mod itemsets;
mod ladder;
mod next;
mod params;
mod recommend;
mod roles;
mod rules;
mod sequences;
mod table;
mod together;

pub use entry::{EntryProduct, EntryProducts, EntryStep, Verdict, entry_products};
pub use itemsets::Itemset;
pub use ladder::{Ladder, LadderCounts, Rung, ladder};
pub use next::{NextProducts, State, StateRow, Transition, next_products};
pub use params::{EntryParams, LadderBy, LadderParams, NextParams, RoleParams, RuleParams, SequenceParams, Start};
pub use recommend::Recommendation;
pub use roles::{ProductRole, ProductRoles, ROLES, Role, roles};
pub use rules::{BasketRule, BasketRules, basket_rules};
pub use sequences::{Pattern, Sequences, sequences};
