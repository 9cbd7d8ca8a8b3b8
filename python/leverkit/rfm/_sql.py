"""Queries for warehouses: scores by kept cut points, and the limit day of each customer.

The model of scores is the JSON that `Scores.save` writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leverkit._lib.sql import Lines, added, text, translated
from leverkit.errors import ParameterError

_MEASURES = {"r": "recency", "f": "frequency", "m": "monetary"}
#: What differs by less is equal, as in the engine's comparisons with cut points.
_SAME = 1e-10
_SCORES = """
WITH {lines},
leverkit_bought AS (
  SELECT customer, COUNT(*) AS orders, {recency} AS recency
  FROM leverkit_orders
  GROUP BY customer
),
leverkit_paid AS (
  SELECT customer, SUM(money) AS money
  FROM leverkit_lines
  GROUP BY customer
),
leverkit_measures AS (
  SELECT
    leverkit_paid.customer,
    recency,
    COALESCE(orders, 0) AS frequency,
    {monetary} AS monetary
  FROM leverkit_paid
  LEFT JOIN leverkit_bought ON leverkit_paid.customer = leverkit_bought.customer
),
leverkit_r AS (SELECT *, {r} AS r FROM leverkit_measures),
leverkit_f AS (SELECT *, {f} AS f FROM leverkit_r),
leverkit_m AS (SELECT *, {m} AS m FROM leverkit_f)
SELECT customer, recency, frequency, monetary, r, f, m, {segment} AS segment
FROM leverkit_m
"""
_LIMITS = """
WITH {lines},
leverkit_gaps AS (
  SELECT customer, MAX(day) AS last_order, COUNT(*) - 1 AS gaps, DATEDIFF(MAX(day), MIN(day)) AS days
  FROM leverkit_orders
  GROUP BY customer
),
leverkit_paces AS (
  SELECT customer, last_order, gaps, {pace} AS pace
  FROM leverkit_gaps
),
leverkit_limits AS (
  SELECT customer, last_order, gaps, pace * {mean} AS rhythm_days, {limit} AS limit_day
  FROM leverkit_paces
)
SELECT customer, last_order, gaps, rhythm_days, limit_day, {date} AS limit_date, limit_day - ({silent}) AS days_left
FROM leverkit_limits
"""


def scores_query(model: Mapping[str, Any], lines: Lines, dialect: str) -> str:
    """The query of scores; see `leverkit.rfm.Scores.to_sql`."""
    if model["params"]["method"] == "rank":
        raise ParameterError(
            'method: got "rank"; expected cut points: ranks have no meaning for other customers', parameter="method"
        )
    query = _SCORES.format(
        lines=lines.expressions(),
        # Computed where rows are grouped: PostgreSQL writes what is computed later into each comparison that nested cut points make.
        recency=lines.days_since("MAX(day)"),
        **_scores(model),
        segment=_segment(model["params"]["segments"], _bins(model)),
        monetary="money" if model["params"]["monetary"] == "total" else "money / orders",
    )
    return translated(query, dialect)


def limits_query(limit: Mapping[str, Any], lines: Lines, dialect: str) -> str:
    """The query of limit days, from the row of all customers; see `leverkit.rfm.LimitDays.to_sql`."""
    query = _LIMITS.format(
        lines=lines.expressions(),
        pace=_pace(limit["mean_gap"], limit["gaps_for_half"]),
        mean=repr(limit["mean_gap"] or 0.0),
        limit=_limit(limit["limit_day"]),
        date=added("last_order", "limit_day"),
        silent=lines.days_since("last_order"),
    )
    return translated(query, dialect)


def _pace(mean: float | None, half: float | None) -> str:
    """A customer's gaps relative to those of all, as far as their number is to be believed (Bühlmann & Straub 1970)."""
    if not mean:
        return "CAST(NULL AS DOUBLE)"
    if half is None:
        return "CAST(1 AS DOUBLE)"
    own = f"CAST(gaps AS DOUBLE) / (gaps + {half!r}) * (CAST(days AS DOUBLE) / gaps / {mean!r} - 1)"
    return f"CASE WHEN gaps > 0 THEN 1 + {own} ELSE CAST(1 AS DOUBLE) END"


def _limit(days: int | None) -> str:
    if days is None:
        return "CAST(NULL AS INT)"
    own = f"CAST(ROUND({days} * pace) AS INT)"
    return f"CASE WHEN {own} < 1 THEN 1 ELSE {own} END"


def _bins(model: Mapping[str, Any]) -> dict[str, int]:
    """How many scores there are of r, f and m."""
    return {
        letter: max(cut["bins"] for cut in model["cuts"] if cut["measure"] == measure)
        for letter, measure in _MEASURES.items()
    }


def _scores(model: Mapping[str, Any]) -> dict[str, str]:
    """The scores r, f and m; each may be cut within those before it."""
    within = list(_bins(model).items())
    found = {}
    for letter, measure in _MEASURES.items():
        cuts = [cut for cut in model["cuts"] if cut["measure"] == measure]
        found[letter] = f"CASE WHEN recency IS NULL THEN NULL {_branches(cuts, measure, within, [])} END"
    return found


def _branches(
    cuts: Sequence[Mapping[str, Any]], value: str, within: Sequence[tuple[str, int]], scores: list[int]
) -> str:
    """Branches of a CASE: one per score, or one per combination of the scores within which values are cut."""
    if len(scores) == len(cuts[0]["within"]):
        return " ".join(_ladder(_nearest(cuts, scores), value))
    (letter, bins), *others = within
    inner = ((score, _branches(cuts, value, others, [*scores, score])) for score in range(1, bins + 1))
    return " ".join(f"WHEN {letter} = {score} THEN CASE {branches} END" for score, branches in inner)


def _nearest(cuts: Iterable[Mapping[str, Any]], scores: Sequence[int]) -> Mapping[str, Any]:
    """The cut of these scores; the nearest where no customer had them when the cuts were made."""
    return min(cuts, key=lambda cut: sum(abs(a - b) for a, b in zip(cut["within"], scores, strict=True)))


def _ladder(cut: Mapping[str, Any], value: str) -> Iterable[str]:
    """The branches of one cut, from its lowest values up."""
    edges, low_is_good = cut["edges"], cut["measure"] == "recency"
    scores = [cut["bins"] - step if low_is_good else step + 1 for step in range(len(edges) + 1)]
    for edge, score in zip(edges, scores, strict=False):
        if cut["includes"] == "lower":
            yield f"WHEN {value} < {edge - _SAME * abs(edge)!r} THEN {score}"
        else:
            yield f"WHEN {value} <= {edge + _SAME * abs(edge)!r} THEN {score}"
    yield f"ELSE {scores[-1]}"


def _segment(segments: Mapping[str, Any], bins: Mapping[str, int]) -> str:
    """The segment of the scores, on the scale of the segments' rules."""
    on_scale = {letter: _stretched(letter, count, segments["scale"]) for letter, count in bins.items()}
    whens = [
        f"WHEN {_fits(rule, on_scale)} THEN {text(segment['name'])}"
        for segment in segments["segment"]
        for rule in segment["rules"]
    ]
    return f"CASE WHEN r IS NULL THEN NULL {' '.join(whens)} END"


def _stretched(letter: str, bins: int, scale: int) -> str:
    """A score on the scale of the rules, rounded half up; the middle where there is but one score."""
    if bins == scale:
        return letter
    if bins == 1:
        return str(-(-scale // 2))
    places = {score: 1 + (2 * (score - 1) * (scale - 1) + bins - 1) // (2 * (bins - 1)) for score in range(1, bins + 1)}
    return f"CASE {letter} {' '.join(f'WHEN {score} THEN {place}' for score, place in places.items())} END"


def _fits(rule: Mapping[str, Sequence[int]], on_scale: Mapping[str, str]) -> str:
    """Whether scores are within a rule. The rounded mean of two is within bounds if their sum is within twice these."""
    parts = [
        f"{on_scale[letter]} BETWEEN {rule[letter][0]} AND {rule[letter][1]}" for letter in "rfm" if rule.get(letter)
    ]
    if bounds := rule.get("fm"):
        parts.append(f"{on_scale['f']} + {on_scale['m']} BETWEEN {2 * bounds[0] - 1} AND {2 * bounds[1]}")
    return " AND ".join(parts) or "1 = 1"
