//! Members judged apart: by tier, by how they came to join.

use std::collections::BTreeSet;

use leverkit_stats::{Estimate, Interval};

use super::judge::judged;
use super::params::ProgrammeParams;
use super::verdict::Verdict;
use crate::panel::{Histories, Joined, NEVER};

/// What was found of some of the members, beside the same controls.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupVerdict {
    /// The group.
    pub group: String,
    /// Its members that are compared.
    pub members: u64,
    /// What was found.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// The effect on money per member and period; `None` where it is not identified.
    pub effect: Option<Interval>,
    /// What difference-in-differences says of it, believed or not.
    pub did: Option<Estimate>,
    /// What the design adjusted for the path says of it.
    pub adjusted: Option<Estimate>,
}

/// Each group of members beside all controls, judged by the same rules.
pub(super) fn judged_apart(histories: &Histories, joined: &Joined, params: &ProgrammeParams) -> Vec<GroupVerdict> {
    let group = |unit: usize| joined.groups[histories.codes[unit] as usize].as_ref();
    let is_member = |unit: usize| histories.first[unit] != NEVER;
    let names: BTreeSet<&String> = (0..histories.n()).filter(|&unit| is_member(unit)).filter_map(group).collect();
    let params = ProgrammeParams { relabellings: 0, ..params.clone() };
    let one = |name: &String| {
        let own = histories.only(|unit| !is_member(unit) || group(unit) == Some(name));
        let found = judged(&own, &params);
        let effect = |design: &str| {
            let is_own = |row: &&super::DesignEffect| row.design == design && row.outcome == found.outcome;
            found.effects.iter().find(is_own).and_then(|row| row.effect)
        };
        GroupVerdict {
            group: name.clone(),
            members: found.counts.members,
            did: effect("did"),
            adjusted: effect("adjusted"),
            verdict: found.verdict,
            reason: found.reason,
            effect: found.effect,
        }
    };
    names.into_iter().map(one).collect()
}
