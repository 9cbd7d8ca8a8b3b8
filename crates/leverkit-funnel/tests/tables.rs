//! Every result has its tables by name, and every analysis checks its parameters first.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::{Ledger, Params, Roles, Tables, batch};
use leverkit_funnel::{
    AttributionParams, EntryParams, EventLog, JourneyParams, LadderParams, NextParams, QuantityParams, ReverseParams,
    RoleParams, RuleParams, SequenceParams, StageParams, StageRule, basket_rules, compare_stages, entry_products,
    forward, journey, ladder, next_products, reverse, roles, sequences, stages,
};

fn ledger() -> Ledger {
    let lines = batch!(
        "who" => [1, 1, 2, 2, 3],
        "day" => ["2024-01-01", "2024-01-11", "2024-01-01", "2024-01-06", "2024-01-01"],
        "paid" => [10.0; 5],
        "what" => ["tea", "cup", "tea", "cup", "tea"],
    )
    .unwrap();
    let roles = Roles { product: Some("what".into()), ..Roles::new("who", "day").amount("paid") };
    Ledger::from_batches(&[lines], &roles).unwrap()
}

/// The names of a result's tables, each with its first column.
fn of(found: &impl Tables) -> Vec<(&'static str, String)> {
    let first = |(name, table): (&'static str, leverkit_core::RecordBatch)| {
        assert!(table.num_columns() > 1, "{name}");
        (name, table.schema_ref().field(0).name().clone())
    };
    found.tables().unwrap().into_iter().map(first).collect()
}

fn named(tables: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    tables.iter().map(|(name, column)| (*name, (*column).to_owned())).collect()
}

#[test]
fn results_over_a_ledger_have_their_tables_by_name() {
    let ledger = ledger();
    let params = EntryParams { min_customers: 1, ..EntryParams::default() };
    assert_eq!(
        of(&ladder(&ledger, &LadderParams::default()).unwrap()),
        named(&[("table", "group"), ("curves", "group")])
    );
    assert_eq!(of(&entry_products(&ledger, &params).unwrap()), named(&[("table", "product"), ("steps", "product")]));
    let next = next_products(&ledger, &NextParams::default()).unwrap();
    assert_eq!(of(&next), named(&[("table", "product"), ("states", "product")]));
    assert_eq!(next.table("states").unwrap().schema_ref().field(1).name(), "n");
    let parts = roles(&ledger, &RoleParams::default()).unwrap();
    assert_eq!(of(&parts), named(&[("table", "product"), ("rules", "role")]));
    let rules = basket_rules(&ledger, &RuleParams::default()).unwrap();
    assert_eq!(of(&rules), named(&[("table", "antecedent"), ("itemsets", "products")]));
    assert_eq!(of(&sequences(&ledger, &SequenceParams::default()).unwrap()), named(&[("table", "products")]));
}

#[test]
fn results_over_events_have_their_tables_by_name() {
    let log = EventLog::from_ledger(&ledger(), "product").unwrap();
    let rules = ["tea", "cup"].map(StageRule::event).to_vec();
    let funnel = stages(&log, &StageParams { stages: rules, ..StageParams::default() }).unwrap();
    assert_eq!(of(&funnel), named(&[("table", "group"), ("times", "group"), ("curves", "group")]));
    assert_eq!(of(&funnel.audit().unwrap()), named(&[("table", "mode")]));
    let same = compare_stages(&funnel, &funnel, None, None).unwrap();
    assert_eq!(of(&same), named(&[("table", "stage"), ("mix", "group")]));
    let map = [
        ("transitions", "from"),
        ("paths", "path"),
        ("loops", "event"),
        ("step_matrix", "step"),
        ("flows", "step"),
        ("stopped", "channel"),
    ];
    assert_eq!(of(&journey(&log, &JourneyParams::default()).unwrap()), named(&map));
}

#[test]
fn results_of_a_target_have_their_tables_by_name() {
    let stages: Vec<(String, u64)> = vec![("lead".into(), 50), ("order".into(), 10)];
    let back = reverse(&ReverseParams { target: 20.0, stages: stages.clone(), ..ReverseParams::default() }).unwrap();
    assert_eq!(of(&back), named(&[("table", "stage"), ("paces", "stage"), ("weeks", "week"), ("mix", "stage")]));
    assert_eq!(of(&forward(100.0, &stages, None, 0.9).unwrap()), named(&[("table", "stage")]));
}

#[test]
fn every_kind_of_parameters_is_checked() {
    let refused = |params: &dyn Params, name: &str| {
        let text = params.check().unwrap_err().to_string();
        assert!(text.starts_with(&format!("{name}: got ")), "{text}");
    };
    refused(&LadderParams { level: 1.5, ..LadderParams::default() }, "level");
    refused(&EntryParams { horizons: vec![30, 30], ..EntryParams::default() }, "horizons");
    refused(&NextParams { order: 3, ..NextParams::default() }, "order");
    refused(&RoleParams { alpha: 0.0, ..RoleParams::default() }, "alpha");
    refused(&RuleParams { max_size: 9, ..RuleParams::default() }, "max_size");
    refused(&SequenceParams { max_gap: Some(0), ..SequenceParams::default() }, "max_gap");
    refused(&StageParams::default(), "stages");
    refused(&JourneyParams { steps: 0, ..JourneyParams::default() }, "steps");
    refused(&AttributionParams { half_life: 0.0, ..AttributionParams::default() }, "half_life");
    refused(&QuantityParams::default(), "levels");
    refused(&ReverseParams::default(), "stages");
}
