"""Scores as SQL: the query that scores the customers of a warehouse by kept cut points, in the warehouse's own dialect.

The model is the JSON that `Scores.save` writes. The query is put together as one text of standard SQL, which sqlglot turns into each dialect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

from leverkit._lib.inputs import repr_of
from leverkit.errors import ParameterError

Dialect = Literal[
    "bigquery", "databricks", "duckdb", "mysql", "postgres", "redshift", "snowflake", "spark", "sqlite", "trino"
]

_MEASURES = {"r": "recency", "f": "frequency", "m": "monetary"}
#: What differs by less is equal, as in the engine's comparisons with cut points.
_SAME = 1e-10
_GREATEST = 1.7976931348623157e308
_QUERY = """
WITH leverkit_rows AS (
  SELECT {customer} AS customer, TS_OR_DS_TO_DATE({time}) AS day, {order} AS order_id, CAST({quantity} AS DOUBLE) AS quantity, CAST({amount} AS DOUBLE) AS money
  FROM {table}
  WHERE NOT {customer} IS NULL AND NOT {time} IS NULL
),
leverkit_lines AS (
  SELECT customer, day, order_id, quantity, CASE WHEN quantity < 0 AND money > 0 THEN -money ELSE money END AS money
  FROM leverkit_rows
  WHERE money BETWEEN -{greatest} AND {greatest}{until}
),
leverkit_orders AS (
  SELECT customer, MIN(day) AS day
  FROM leverkit_lines
  WHERE {buys}
  GROUP BY customer, order_id, CASE WHEN order_id IS NULL THEN day END
),
leverkit_bought AS (
  SELECT customer, COUNT(*) AS orders, MAX(day) AS last_day
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
    {recency} AS recency,
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


def query(
    model: Mapping[str, Any],
    table: str,
    dialect: str,
    columns: Mapping[str, str | None],
    as_of: str | None,
    returns: str,
) -> str:
    """The query; see `leverkit.rfm.Scores.to_sql`."""
    try:
        import sqlglot
    except ImportError as error:
        raise ImportError('SQL needs sqlglot: pip install "leverkit[sql]"') from error
    if dialect not in get_args(Dialect):
        expected = f"one of {', '.join(get_args(Dialect))}"
        raise ParameterError(f"dialect: got {repr_of(dialect)}; expected {expected}", parameter="dialect")
    if model["params"]["method"] == "rank":
        raise ParameterError(
            'method: got "rank"; expected cut points: ranks have no meaning for other customers', parameter="method"
        )
    text = _QUERY.format(
        **{role: _name(column) for role, column in columns.items()},
        table=".".join(map(_name, table.split("."))),
        greatest=_GREATEST,
        **_conditions(as_of, returns),
        **_scores(model),
        segment=_segment(model["params"]["segments"], _bins(model)),
        monetary="money" if model["params"]["monetary"] == "total" else "money / orders",
    )
    return sqlglot.transpile(text, write=dialect, pretty=True)[0]


def _name(name: str | None) -> str:
    """A name as the warehouse stores it."""
    return "NULL" if name is None else '"' + name.replace('"', '""') + '"'


def _conditions(as_of: str | None, returns: str) -> dict[str, str]:
    """Which lines count, which of them buy, and how long ago the last order was."""
    buys = "1 = 1" if returns == "keep" else "money >= 0 AND COALESCE(quantity, 0) >= 0"
    if as_of is None:
        last = "(SELECT MAX(day) FROM leverkit_lines)"
        return {"buys": buys, "until": "", "recency": f"DATEDIFF({last}, last_day) + 1"}
    day = f"TS_OR_DS_TO_DATE('{as_of}')"
    return {"buys": buys, "until": f" AND day <= {day}", "recency": f"DATEDIFF({day}, last_day)"}


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
        f"WHEN {_fits(rule, on_scale)} THEN {_text(segment['name'])}"
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


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
