//! The designs run on the histories of customers, and what they settle.

use leverkit_stats::{Estimate, Interval, benjamini_hochberg, normal_quantile};
use rayon::prelude::*;

use super::adjusted::{Alike, Influenced};
use super::designs::{actual, before_after, comparison, did, did_placebo, naive};
use super::money::money;
use super::params::ProgrammeParams;
use super::relabelling::relabelled;
use super::split::split;
use super::verdict::{Trial, Verdict, judge};
use super::{Counts, DesignEffect, Programme};
use crate::Error;
use crate::did::{AxisEffect, cells, critical_value, dynamic, wald};
use crate::panel::{Contrast, Histories, Joint, NEVER, NotCompared};

/// With this chance an effect of the smallest size that counts as detectable is seen.
const POWER: f64 = 0.8;

/// Runs all designs and judges them.
pub(super) fn judged(histories: &Histories, params: &ProgrammeParams) -> Programme {
    let work = Work::of(histories, params);
    let money_at = histories.outcomes.len() - 1;
    let (after, earlier) =
        rayon::join(|| Alike::after(histories, &work.joint), || Alike::earlier(histories, &work.joint));
    let mut effects = work.by_moments();
    effects.extend(work.alike(&after, &earlier));
    let own =
        |design: &str| effects.iter().find(|row| row.design == design && row.outcome == histories.outcomes[money_at]);
    let joint = &work.views[money_at];
    let axis = dynamic(joint, &cells(joint, &comparison(joint)), None);
    let before: Vec<&Contrast> = axis.parts.iter().filter(|(time, _)| *time < -1).map(|(_, effect)| effect).collect();
    let pre_trend = wald(joint, &before);
    let p_of = |row: Option<&DesignEffect>| row.and_then(|row| row.placebo).map(|placebo| placebo.p_value);
    let earlier_dates = |p: Option<f64>| p.map(|p| ("the same periods before joining", p));
    let did_trial = Trial {
        name: "difference-in-differences",
        effect: own("did").and_then(|row| row.effect),
        placebos: earlier_dates(p_of(own("did")))
            .into_iter()
            .chain(pre_trend.map(|test| ("all periods before joining together", test.p_value)))
            .collect(),
    };
    let adjusted_trial = Trial {
        name: "adjusted for the path",
        effect: own("adjusted").and_then(|row| row.effect),
        placebos: earlier_dates(p_of(own("adjusted"))).into_iter().collect(),
    };
    let members = histories.first.iter().filter(|first| **first != NEVER).count() as u64;
    let judgement = judge(&did_trial, &adjusted_trial, members, params.placebo_level, params.level);
    let is_told = judgement.verdict != Verdict::NotIdentified;
    let member_periods: u64 = histories
        .first
        .iter()
        .filter(|first| **first != NEVER)
        .map(|first| (histories.periods - *first as usize) as u64)
        .sum();
    let z = normal_quantile(0.5 + params.level / 2.0);
    let spent = work.mean(2);
    let kept = judgement.effect.filter(|_| is_told).map(|_| {
        let effect = own_effect(&effects, "did", "spend");
        (1.0 - effect / spent).clamp(0.0, 1.0)
    });
    let t = did_trial.effect.map(|effect| effect.t).unwrap_or_default();
    let is_named = |names: &[String], name: &str| names.is_empty() || names.iter().any(|named| named == name);
    let money = money(judgement.effect, kept, member_periods as f64, money_at == 3, params);
    effects.retain(|row| {
        is_named(&params.designs, row.design)
            && (is_named(&params.outcomes, row.outcome) || row.outcome == histories.outcomes[money_at])
    });
    corrected(&mut effects);
    let mut notes = Vec::new();
    if let Ok(alike) = &after
        && alike.trimmed() > 0
    {
        notes.push(format!(
            "{} controls left out of the adjusted design, with a chance of joining above 98 %.",
            alike.trimmed()
        ));
    }
    let unmatched = after.as_ref().map_or(0, Alike::unmatched);
    if unmatched > 0 {
        notes.push(format!("{unmatched} members left out of the matched design: no control was like them."));
    }
    Programme {
        verdict: judgement.verdict,
        reason: judgement.reason,
        effect: judgement.effect,
        bracket: judgement.bracket,
        detectable: did_trial.effect.map(|effect| (z + normal_quantile(POWER)) * effect.std_error),
        kept: if is_told { work.kept() } else { None },
        split: if is_told { work.split().unwrap_or_default() } else { Vec::new() },
        money,
        balance: after.as_ref().map(Alike::balance).unwrap_or_default(),
        groups: Vec::new(),
        relabelled: relabelled(histories, money_at, (t, z), params.relabellings, params.seed),
        event_study: work.event_study(joint, &axis.parts),
        pre_trend,
        outcome: histories.outcomes[money_at],
        periods: (Vec::new(), leverkit_core::Day::default()),
        counts: Counts {
            members,
            controls: histories.n() as u64 - members,
            member_periods,
            not_compared: NotCompared::default(),
            effective_controls: after.as_ref().map_or(f64::NAN, Alike::effective_controls),
        },
        effects,
        notes,
        left_out: Vec::new(),
    }
}

fn own_effect(effects: &[DesignEffect], design: &str, outcome: &str) -> f64 {
    let row = effects.iter().find(|row| row.design == design && row.outcome == outcome);
    row.and_then(|row| row.effect).map_or(f64::NAN, |effect| effect.interval.estimate)
}

/// Corrects the p-values of each design for the outcomes that it looks at.
fn corrected(effects: &mut [DesignEffect]) {
    for rows in effects.chunk_by_mut(|a, b| a.design == b.design) {
        let known: Vec<usize> = (0..rows.len()).filter(|&at| rows[at].effect.is_some()).collect();
        let p_values: Vec<f64> = known.iter().filter_map(|&at| rows[at].effect).map(|effect| effect.p_value).collect();
        known.iter().zip(benjamini_hochberg(&p_values)).for_each(|(&at, q)| rows[at].q_value = Some(q));
    }
}

/// What all designs look at.
struct Work<'a> {
    histories: &'a Histories,
    params: &'a ProgrammeParams,
    joint: Joint,
    /// The same numbers, outcome by outcome.
    views: Vec<Joint>,
}

impl<'a> Work<'a> {
    fn of(histories: &'a Histories, params: &'a ProgrammeParams) -> Self {
        let joint = Joint::of(&histories.moments());
        let views = (0..histories.outcomes.len()).map(|outcome| joint.outcome(outcome, histories.periods)).collect();
        Self { histories, params, joint, views }
    }

    fn estimate(&self, contrast: &Contrast) -> Estimate {
        Estimate::normal(contrast.value, self.joint.std_error(contrast), self.params.level)
    }

    /// The mean of members after joining.
    fn mean(&self, outcome: usize) -> f64 {
        actual(&self.views[outcome]).map_or(f64::NAN, |mean| mean.value)
    }

    fn row(&self, design: &'static str, outcome: usize, effect: Option<Estimate>, status: String) -> DesignEffect {
        let counterfactual = |effect: f64| self.mean(outcome) - effect;
        let percent = effect.map(|effect| effect.interval.estimate).map(|effect| effect / counterfactual(effect));
        DesignEffect {
            design,
            outcome: self.histories.outcomes[outcome],
            effect,
            percent: percent.filter(|percent| percent.is_finite()),
            q_value: None,
            placebo: None,
            status,
        }
    }

    fn with_placebo(&self, mut row: DesignEffect, placebo: Option<Estimate>) -> DesignEffect {
        row.placebo = placebo.filter(|placebo| placebo.std_error > 0.0);
        row.status = match row.placebo {
            None => "no placebo possible".into(),
            Some(placebo) if placebo.p_value < self.params.placebo_level => "placebo fails".into(),
            Some(_) => "placebo passes".into(),
        };
        row
    }

    /// The designs of moments alone.
    fn by_moments(&self) -> Vec<DesignEffect> {
        let outcomes = || 0..self.views.len();
        let unbelievable = |name, of: fn(&Joint) -> Option<Contrast>| {
            let status = || "not to be believed".to_owned();
            outcomes()
                .map(|at| self.row(name, at, of(&self.views[at]).map(|contrast| self.estimate(&contrast)), status()))
                .collect::<Vec<_>>()
        };
        let did_rows = outcomes().map(|at| {
            let view = &self.views[at];
            let effect = did(view).map(|contrast| self.estimate(&contrast));
            let placebo = did_placebo(view).map(|contrast| self.estimate(&contrast));
            self.with_placebo(self.row("did", at, effect, String::new()), placebo)
        });
        [unbelievable("naive", naive), unbelievable("before_after", before_after), did_rows.collect()].concat()
    }

    /// The designs that make controls alike.
    fn alike(&self, after: &Result<Alike<'_>, Error>, earlier: &Result<Alike<'_>, Error>) -> Vec<DesignEffect> {
        let estimate = |found: Influenced| Estimate::normal(found.effect, found.std_error(), self.params.level);
        let of = |name: &'static str, found: &(dyn Fn(&Alike<'_>, usize) -> Result<Influenced, Error> + Sync)| {
            let one = |at: usize| match after
                .as_ref()
                .map_err(ToString::to_string)
                .and_then(|alike| found(alike, at).map_err(|error| error.to_string()))
            {
                Err(reason) => self.row(name, at, None, reason),
                Ok(effect) => {
                    let placebo = earlier.as_ref().ok().and_then(|alike| found(alike, at).ok()).map(estimate);
                    self.with_placebo(self.row(name, at, Some(estimate(effect)), String::new()), placebo)
                }
            };
            (0..self.views.len()).into_par_iter().map(one).collect::<Vec<_>>()
        };
        let adjusted = of("adjusted", &|alike, outcome| Ok(alike.doubly_robust(outcome)));
        let balanced = of("balanced", &|alike, outcome| alike.balanced(outcome));
        let matched = of("matched", &|alike, outcome| alike.matched(outcome));
        [adjusted, balanced, matched].concat()
    }

    /// Of the members who would not have ordered in a period, the share who did; its limits are those of the effect on return.
    fn kept(&self) -> Option<Interval> {
        let effect = self.estimate(&did(&self.views[0])?).interval;
        let silent = 1.0 - (self.mean(0) - effect.estimate);
        (silent > 0.0).then(|| effect.map(|value| value / silent))
    }

    fn split(&self) -> Option<Vec<super::Factor>> {
        let of =
            |of: fn(&Joint) -> Option<Contrast>| Some([of(&self.views[0])?, of(&self.views[1])?, of(&self.views[2])?]);
        split(&self.joint, &of(actual)?, &of(did)?, self.params.level)
    }

    fn event_study(&self, joint: &Joint, parts: &[(i64, Contrast)]) -> Vec<AxisEffect> {
        let contrasts: Vec<&Contrast> = parts.iter().map(|(_, contrast)| contrast).collect();
        let critical = critical_value(joint, &contrasts, self.params.level, self.params.draws, self.params.seed);
        let row = |(at, contrast): &(i64, Contrast)| {
            let effect = self.estimate(contrast);
            let band = Interval::around(effect.interval.estimate, critical * effect.std_error);
            AxisEffect { at: *at, effect, band: (band.lower, band.upper) }
        };
        parts.iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_distr::{Distribution, Gamma, StandardNormal};
    use rand_pcg::Pcg64;

    use super::*;

    const MONTHS: usize = 18;
    const JOINING: usize = 9;

    #[derive(Clone, Copy, PartialEq)]
    enum Story {
        Level,
        Spree,
        Trend,
    }

    /// 8,000 customers with levels, autocorrelated months and, in one story, trends of their own; some join in month 9, which adds 2.
    fn customers(story: Story, seed: u64) -> Histories {
        let mut random = Pcg64::seed_from_u64(seed);
        let level = Gamma::new(2.0, 20.0).unwrap();
        let (mut first, mut paths) = (Vec::new(), Vec::new());
        for _ in 0..8000 {
            let own: f64 = level.sample(&mut random);
            let normal = |random: &mut Pcg64| -> f64 { StandardNormal.sample(random) };
            let trend = if story == Story::Trend { 0.4 * normal(&mut random) } else { 0.0 };
            let mut noise = 0.0;
            let mut spend: Vec<f64> = Vec::new();
            for month in 0..MONTHS {
                noise = if month == 0 { 0.0 } else { 0.6 * noise } + 12.0 * normal(&mut random);
                spend.push(own + noise + trend * month as f64);
            }
            let drive = match story {
                Story::Level => (own - 40.0) / 20.0,
                Story::Spree => (spend[JOINING - 1] - 40.0) / 25.0,
                Story::Trend => (own - 40.0) / 30.0 + 1.5 * trend,
            };
            let joins = random.random_bool(0.6 / (1.0 + f64::exp(-drive)));
            spend[JOINING..].iter_mut().for_each(|value| *value += if joins { 2.0 } else { 0.0 });
            first.push(if joins { JOINING as u32 } else { NEVER });
            paths.extend([1.0; MONTHS].into_iter().chain([1.0; MONTHS]).chain(spend));
        }
        let codes = (0..first.len() as u32).collect();
        Histories {
            outcomes: vec!["active", "orders", "spend"],
            periods: MONTHS,
            first,
            codes,
            paths,
            ..Histories::default()
        }
    }

    fn judged_runs(story: Story, runs: u64) -> Vec<Programme> {
        let params = ProgrammeParams { relabellings: 0, draws: 100, ..ProgrammeParams::default() };
        (0..runs).map(|seed| judged(&customers(story, seed), &params)).collect()
    }

    fn share(runs: &[Programme], is: impl Fn(&Programme) -> bool) -> f64 {
        runs.iter().filter(|run| is(run)).count() as f64 / runs.len() as f64
    }

    #[test]
    fn the_bracket_holds_the_truth_where_one_of_the_two_stories_is_true() {
        for story in [Story::Level, Story::Spree] {
            let runs = judged_runs(story, 20);
            let held =
                |run: &Programme| run.bracket.is_some_and(|bracket| bracket.lower <= 2.0 && 2.0 <= bracket.upper);
            assert!(share(&runs, held) >= 0.9);
        }
    }

    #[test]
    fn members_chosen_on_a_trend_leave_the_effect_not_identified() {
        let runs = judged_runs(Story::Trend, 20);
        assert!(share(&runs, |run| run.verdict == Verdict::NotIdentified) >= 0.8);
    }
}
