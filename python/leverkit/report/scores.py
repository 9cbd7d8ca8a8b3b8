"""The sections on RFM scores (who earns the money, who is slipping away, what to do with whom first) and on clusters of customers who do alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import listed, mark, t, told
from leverkit.plots import scores as plots
from leverkit.plots import theme
from leverkit.report import recipe
from leverkit.report.section import Action, Column, Figure, Section, Table
from leverkit.rfm import clusters

if TYPE_CHECKING:
    from leverkit.ledger import Ledger
    from leverkit.rfm import CustomerClusters, Scores

#: Segments of the default map that were worth much and order no more as they did, and those that begin to.
SLIPPING = ("At Risk", "Can't Lose Them")
WAVERING = ("Need Attention", "About to Sleep")
GONE = ("Hibernating", "Lost")
_ACTIONS = 5
#: The overlap with clusters of other samples below which one is nothing to build on.
_SURE = 0.6
_DEFAULTS = {"bins": [5, 5, 5], "method": "quantile", "monetary": "total"}
_FLAGS = {"method": "--method", "monetary": "--monetary"}
_PARAMS = {
    "as_of": mark("RFM, as of"),
    "bins": mark("RFM, scores of each measure"),
    "method": mark("RFM, method"),
    "monetary": mark("RFM, monetary value"),
    "weights": mark("RFM, weights"),
    "thresholds": mark("RFM, cut points"),
}


def scores_section(scores: Scores) -> Section:
    """Segments, their money and their actions; recency by frequency; the measures and their cut points."""
    segments = scores._tables["segments"]
    changed = {name: value for name, value in scores.params.items() if name in _DEFAULTS and value != _DEFAULTS[name]}
    return Section(
        id="rfm",
        title=t("Customers by recency, frequency and monetary value"),
        lead=_lead(scores),
        figures=[
            Figure(plots.segment_treemap(scores), t("Hover over a segment to see what to do with it.")),
            Figure(
                plots.rf_heatmap(scores),
                t(
                    "The darker a cell, the more customers. Top right are the best customers, bottom right good customers who stopped."
                ),
            ),
            Figure(plots.distributions(scores), t("Above the bars: each score, and the values that earn it.")),
        ],
        tables=[_segment_table(segments), _cut_table(scores)],
        notes=[told(note) for note in scores.notes],
        findings=_findings(scores),
        actions=_actions(segments),
        params={t(name): scores.params[param] for param, name in _PARAMS.items()},
        frames={f"rfm_{name}": frame for name, frame in scores._tables.items()},
        python=[f"lk.rfm.score(ledger{recipe.options(changed)})"],
        command=f"leverkit rfm DATA{recipe.flags(changed, _FLAGS)}",
    )


def _lead(scores: Scores) -> str:
    scored = scores._tables["segments"]["customers"].sum()
    return t(
        "{customers} {customers:customer is|customers are} scored on how lately they ordered (R), how often (F) and for how much money (M). The best score is the highest. "
        "Scores compare customers with one another: some always come last, so look at the days and the money beside the names.",
        customers=numbers.count(scored),
    )


def _findings(scores: Scores) -> list[str]:
    segments = scores._tables["segments"].filter(pl.col("customers") > 0)
    if segments["revenue"].sum() <= 0:
        return [t("There is no revenue to distribute: purchases do not exceed returns.")]
    found = [_who_earns(segments), _who_slips(segments, scores._tables["customers"]), _who_is_gone(segments)]
    return [finding for finding in found if finding]


def _who_earns(segments: pl.DataFrame) -> str:
    """The fewest segments that bring at least half of the revenue."""
    ranked = segments.sort("revenue", descending=True)
    before = ranked["share_revenue"].cum_sum().shift(1, fill_value=0.0)
    top = ranked.filter(before < 0.5)
    return t("{share} of customers ({segments}) bring {of_revenue} of revenue.", **_words(top))


def _who_slips(segments: pl.DataFrame, customers: pl.DataFrame) -> str | None:
    slipping = segments.filter(pl.col("segment").is_in(SLIPPING))
    if slipping.is_empty():
        return None
    silent = customers.filter(pl.col("segment").is_in(SLIPPING)).select(pl.col("recency").median()).item()
    return t(
        "{customers} good customers are slipping away ({segments}): they have brought {revenue}, {of_revenue} of revenue, "
        "and half of them have not ordered for {days} {days:day|days} or more.",
        days=numbers.count(silent),
        **_words(slipping),
    )


def _who_is_gone(segments: pl.DataFrame) -> str | None:
    gone = segments.filter(pl.col("segment").is_in(GONE))
    if gone.is_empty():
        return None
    return t(
        "{customers} more ({share} of customers, {of_revenue} of revenue) have gone quiet: {segments}.", **_words(gone)
    )


def _words(segments: pl.DataFrame) -> dict[str, str]:
    """Some segments together, in words: their names, customers and revenue, and the shares of both."""
    sums = {column: segments[column].sum() for column in ("customers", "share_customers", "revenue", "share_revenue")}
    return {
        "segments": listed([t("{segment}", segment=told(name)) for name in segments["segment"]]),
        "customers": numbers.count(sums["customers"]),
        "share": numbers.percent(sums["share_customers"]),
        "revenue": numbers.short_money(sums["revenue"]),
        "of_revenue": numbers.percent(sums["share_revenue"]),
    }


def _actions(segments: pl.DataFrame) -> list[Action]:
    """What to do with those who slip or waver; where a company's own map knows no such names, with those who bring most."""
    held = segments.filter(pl.col("customers") > 0)
    urgent = held.filter(pl.col("segment").is_in(SLIPPING + WAVERING))
    chosen = (held if urgent.is_empty() else urgent).sort("revenue", descending=True).head(_ACTIONS)
    colours = theme.segment_colours(segments["segment"].to_list())
    return [
        Action(
            told(row["segment"]), told(row["action"] or ""), row["customers"], row["revenue"], colours[row["segment"]]
        )
        for row in chosen.iter_rows(named=True)
    ]


def _segment_table(segments: pl.DataFrame) -> Table:
    colours = theme.segment_colours(segments["segment"].to_list())
    columns = {
        "segment": Column(t("Segment"), told, is_text=True),
        "customers": Column(t("Customers"), numbers.count),
        "share_customers": Column(t("of all"), numbers.percent, is_bar=True),
        "revenue": Column(t("Revenue"), numbers.money),
        "share_revenue": Column(t("of all"), numbers.percent, is_bar=True),
        "orders": Column(t("Orders"), numbers.count),
        "average_check": Column(t("Average check"), numbers.money),
        "median_recency": Column(t("Days since last order (median)"), numbers.count),
        "action": Column(t("What to do"), lambda action: told(action or ""), is_text=True),
    }
    return Table(t("Segments"), segments, columns, colours=colours)


def _cut_table(scores: Scores) -> Table:
    """One row per measure, one column a score: the values that earn it, and how many customers have it."""
    cuts = scores._tables["cuts"].filter(pl.col("within").is_null(), pl.col("customers") > 0)
    texts = [
        {
            "measure": row["measure"],
            "score": str(row["score"]),
            "values": f"{plots.span(row['minimum'], row['maximum'])} ({numbers.count(row['customers'])})",
        }
        for row in cuts.iter_rows(named=True)
    ]
    wide = pl.DataFrame(texts, schema={"measure": pl.String, "score": pl.String, "values": pl.String})
    wide = wide.pivot("score", index="measure", values="values", maintain_order=True)
    labels = sorted(wide.columns[1:], key=int, reverse=True)
    columns = {"measure": Column(t("Measure"), lambda name: told(str(name).capitalize()), is_text=True)} | {
        label: Column(t("Score {score}", score=label), lambda text: text or "–") for label in labels
    }
    caption = [t("The values of the customers with that score, and their number in brackets."), told(scores.rule)]
    if scores._tables["cuts"]["within"].is_not_null().any():
        caption.append(t("Scores within other scores have their own cut points, listed in the exported table of cuts."))
    return Table(t("What earns each score"), wide, columns, " ".join(caption))


def clusters_section(ledger: Ledger) -> Section:
    """Clusters of customers by recency, frequency and average check, their money, and what speaks for their number."""
    found = clusters(ledger)
    figures = [
        Figure(
            found.plot("number"),
            t(
                "A number of clusters is right if other samples find it again and its customers are closer to each other than chance would have them; if none is, all are one group."
            ),
        )
    ]
    if found._tables["table"].height > 1:
        figures.insert(0, Figure(found.plot("shares"), t("Clusters are named by what is distinct about them.")))
    return Section(
        id="clusters",
        title=t("Customers who do alike"),
        lead=_clusters_lead(found),
        figures=figures,
        tables=[_cluster_table(found._tables["table"])],
        notes=[told(note) for note in found.notes],
        findings=_cluster_findings(found._tables["table"]),
        params={t("Clusters, numbers judged"): f"1–{found.params['most']}"},
        frames={f"clusters_{name}": frame for name, frame in found._tables.items()},
        python=["lk.rfm.clusters(ledger)"],
        command="leverkit clusters DATA",
    )


def _clusters_lead(found: CustomerClusters) -> str:
    customers = numbers.count(found._tables["customers"].height)
    if found._tables["table"].height == 1:
        return t(
            "{customers} {customers:customer is|customers are} compared by days since the last order, orders and average check, without rules. They are one group: "
            "segments by RFM cut it where you wish, and no gap between customers says where.",
            customers=customers,
        )
    return t(
        "{customers} {customers:customer is|customers are} grouped by days since the last order, orders and average check, without rules: {k} clusters are found again in other samples. "
        "Treat a cluster as one audience, with one offer for what its customers do.",
        customers=customers,
        k=numbers.count(found._tables["table"].height),
    )


def _cluster_findings(table: pl.DataFrame) -> list[str]:
    if table.height == 1:
        return []
    first = table.sort("revenue", descending=True, nulls_last=True).row(0, named=True)
    found = [
        t(
            "The cluster “{name}” is {share} of customers and brings {of_revenue} of revenue.",
            name=plots.cluster_name(first["name"]),
            share=numbers.percent(first["share_customers"]),
            of_revenue=numbers.percent(first["share_revenue"]),
        )
    ]
    unsure = table.filter(pl.col("stability") < _SURE)["name"].to_list()
    if unsure:
        names = listed([t("“{name}”", name=plots.cluster_name(name)) for name in unsure])
        found.append(t("Do not build on {names}: other samples have no such cluster.", names=names))
    return found


def _cluster_table(table: pl.DataFrame) -> Table:
    columns = {
        "name": Column(t("What is distinct"), plots.cluster_name, is_text=True),
        "customers": Column(t("Customers"), numbers.count),
        "share_customers": Column(t("of all"), numbers.percent, is_bar=True),
        "revenue": Column(t("Revenue"), numbers.money),
        "share_revenue": Column(t("of all"), numbers.percent, is_bar=True),
        "recency": Column(t("Days since last order (median)"), numbers.count),
        "frequency": Column(t("Orders (median)"), numbers.number),
        "average_check": Column(t("Average check (median)"), numbers.money),
        "stability": Column(t("Found again"), lambda share: numbers.decimal(share, 2)),
    }
    caption = t("Found again: the overlap with the most similar cluster of other samples, 1 is the same.")
    return Table(t("Clusters of customers"), table, columns, caption)
