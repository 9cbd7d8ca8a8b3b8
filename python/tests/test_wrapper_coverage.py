"""Every public name of the Rust engines is wrapped for Python, or stands below with the reason why not."""

from __future__ import annotations

import re
from pathlib import Path

from leverkit import _engine

CRATES = Path(__file__).parents[2] / "crates"

NOT_WRAPPED = {
    "rfm": {
        "By": "text",
        "CohortCell": "a row of the table of cohorts",
        "CohortParams": "keyword arguments",
        "CustomerLimit": "a row of the table of customers' limit days",
        "Flow": "a row of the table of flows",
        "GroupLimit": "a row of the table of limit days",
        "LimitDayParams": "keyword arguments",
        "MigrationParams": "keyword arguments",
        "Norm": "a row of the table of norms",
        "NormParams": "keyword arguments",
        "NormWindow": "a row of the table of windows",
        "Rhythm": "columns of the tables of limit days",
        "Trigger": "text in the table of triggers",
        "TriggerParams": "keyword arguments",
        "TriggerRow": "a row of the table of triggers",
        "ValidLimitDayParams": "keyword arguments, checked by the engine",
        "Bound": "text in the table of cut points",
        "Cut": "a row of the table of cut points",
        "CustomerMeasures": "columns of the table of customers",
        "Error": "exceptions, see leverkit.errors",
        "Measure": "text in tables",
        "Measures": "columns of the table of customers",
        "Method": "text",
        "Monetary": "text",
        "Rule": "part of a segment map, which is text or a dict",
        "ScoreParams": "keyword arguments",
        "Segment": "part of a segment map",
        "SegmentMap": "text or a dict",
        "SegmentRow": "a row of the table of segments",
        "Thresholds": "a dict",
        "ValidScoreParams": "keyword arguments, checked by the engine",
        "measure": "part of score: its columns are in the table of customers",
    },
    "funnel": {
        "Audit": "a table of StageFunnel.audit",
        "AuditRow": "a row of StageFunnel.audit",
        "By": "text",
        "EntryParams": "keyword arguments",
        "EntryProduct": "a row of the table of EntryProducts",
        "EntryStep": "a row of EntryProducts.steps",
        "Error": "exceptions, see leverkit.errors",
        "EventColumns": "keyword arguments",
        "EventLogBuilder": "EventLog",
        "Exclusion": "a dict",
        "Itemset": "a row of BasketRules.itemsets",
        "LadderParams": "keyword arguments",
        "MixRow": "a row of StageComparison.mix",
        "Mode": "text",
        "NextParams": "keyword arguments",
        "Pattern": "a row of the table of Sequences",
        "ProductRole": "a row of the table of ProductRoles",
        "ROLES": "columns of the table of ProductRoles",
        "Recommendation": "a row of NextProducts.recommend",
        "Role": "text",
        "RoleParams": "keyword arguments",
        "Roles": "ProductRoles",
        "Rule": "a row of the table of BasketRules",
        "RuleParams": "keyword arguments",
        "Rung": "a row of the table of Ladder",
        "SequenceParams": "keyword arguments",
        "SetAside": "EventLog.set_aside",
        "StageDifference": "a row of the table of StageComparison",
        "StageParams": "StageQuestion",
        "StageRow": "a row of the table of StageFunnel",
        "StageRule": "text or a dict",
        "Start": "text",
        "State": "columns of the tables of NextProducts",
        "StateRow": "a row of NextProducts.states",
        "Ties": "text",
        "Touch": "text",
        "Transition": "a row of the table of NextProducts",
        "ValidStageParams": "StageQuestion",
        "Verdict": "text",
        "WindowFrom": "text",
        "parse_span": "text",
    },
    "pricing": {},
    "profit": {
        "Aim": "target or budget of Formula.plan",
        "BreakEven": "a row of the table of Formula.break_even",
        "Effort": "a dict",
        "Entry": "a row of the books of measure",
        "MeasureParams": "keyword arguments",
        "Measured": "a row of the table of values",
        "MeasuredPeriod": "rows of the tables of values and periods",
        "Missing": "a row of the table of what is missing",
        "Plan": "a table of Formula.plan",
        "SegmentParts": "a table of Formula.attribute_segments",
        "Source": "text in the table of values",
        "Step": "a row of the table of Formula.plan",
        "attribute_segments": "Formula.attribute_segments",
        "break_even": "Formula.break_even",
        "break_even_frame": "part of Formula.break_even",
        "plan": "Formula.plan",
        "attribute_rows": "part of Formula.attribute_segments",
        "measure": "measure_formula: a Python module has one namespace for all engines",
        "lift_intervals": "part of Formula.lift_table",
        "Attribution": "a table of Formula.attribute",
        "Bar": "a row of the table of Formula.tornado",
        "Bottleneck": "a row of the table of Formula.bottlenecks",
        "Correlation": "a pair of names and a number",
        "Direction": "text",
        "Distribution": "a dict",
        "Earned": "a row of the table of KpiSystem.bonus",
        "Error": "exceptions, see leverkit.errors",
        "Importance": "a row of the table of Formula.sobol",
        "Interaction": "a row of the table of Formula.interactions",
        "Kind": "text",
        "Kpi": "a row of the tables of KpiSystem",
        "KpiShare": "a row of KpiSystem.shares",
        "Position": "a row of KpiSystem.positions",
        "earned_frame": "part of KpiSystem.bonus",
        "Lift": "a row of the table of Formula.lift_table",
        "Method": "text",
        "Node": "a row of the table of expressions",
        "Parameter": "a row of the table of parameters",
        "Response": "a pair of names and a number",
        "Spread": "a row of the table of Simulation",
        "Uncertain": "a name and a dict",
        "attribute": "Formula.attribute",
        "bars_frame": "part of Formula.tornado",
        "bottlenecks": "Formula.bottlenecks",
        "bottlenecks_frame": "part of Formula.bottlenecks",
        "elasticities": "Formula.elasticities",
        "elasticities_frame": "part of Formula.elasticities",
        "importances_frame": "part of Formula.sobol",
        "interactions": "Formula.interactions",
        "interactions_frame": "part of Formula.interactions",
        "lift_frame": "part of Formula.lift_table",
        "lift_table": "Formula.lift_table",
        "simulate": "Formula.simulate",
        "sobol": "Formula.sobol",
        "solve": "Formula.solve",
        "tornado": "Formula.tornado",
    },
}


def _public_names(engine: str) -> set[str]:
    source = (CRATES / f"leverkit-{engine}/src/lib.rs").read_text(encoding="utf-8")
    exports = re.findall(r"^pub use [\w:]+::\{?([^;}]+)\}?;", source, flags=re.MULTILINE)
    own = re.findall(r"^pub (?:fn|struct|enum|trait|const) (\w+)", source, flags=re.MULTILINE)
    return {name.strip() for group in exports for name in group.split(",") if name.strip()} | set(own)


def test_every_public_name_is_wrapped_or_excused() -> None:
    wrapped = set(dir(_engine))
    for engine, excused in NOT_WRAPPED.items():
        names = _public_names(engine)
        assert names - wrapped == set(excused), (
            f"{engine}: wrap the name, or say why not; drop excuses that are not needed"
        )


def test_the_engine_s_names_are_found() -> None:
    assert {"score", "Scores", "ScoreModel"} <= _public_names("rfm")
