"""The query for warehouses of customers whose next product falls due, from kept transitions; see `leverkit.funnel.NextProducts.to_sql`."""

from __future__ import annotations

import polars as pl

from leverkit._lib.sql import Lines, added, date, rows_of, translated

_DUE = """
WITH {lines},
{states},
{transitions},
leverkit_latest AS (
  SELECT customer, order_id, day, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY day DESC, moment DESC, order_id DESC) AS latest
  FROM leverkit_orders
),
leverkit_bought AS (
  SELECT customer, day, order_id, product
  FROM leverkit_lines
  WHERE {buys} AND NOT product IS NULL
),
leverkit_held AS (
  SELECT DISTINCT leverkit_latest.customer, leverkit_latest.day, latest, product
  FROM leverkit_latest
  JOIN leverkit_bought ON leverkit_bought.customer = leverkit_latest.customer AND (leverkit_bought.order_id = leverkit_latest.order_id
    OR (leverkit_bought.order_id IS NULL AND leverkit_latest.order_id IS NULL AND leverkit_bought.day = leverkit_latest.day))
  WHERE latest <= {order}
),
leverkit_last AS (
  SELECT leverkit_held.customer, leverkit_held.day AS last_order, state, leverkit_held.product
  FROM leverkit_held
  JOIN leverkit_states ON leverkit_states.product = leverkit_held.product{second_last}
  WHERE leverkit_held.latest = 1
),
leverkit_known AS (
  SELECT customer, COUNT(*) AS known
  FROM leverkit_last
  GROUP BY customer
),
leverkit_reasons AS (
  SELECT
    leverkit_last.customer, last_order, leverkit_last.product AS because, next_place, next_product, days, money,
    SUM(chance) OVER (PARTITION BY leverkit_last.customer, next_place) AS total,
    ROW_NUMBER() OVER (PARTITION BY leverkit_last.customer, next_place ORDER BY chance DESC, leverkit_last.state) AS strongest
  FROM leverkit_last
  JOIN leverkit_next ON leverkit_next.state = leverkit_last.state
),
leverkit_chances AS (
  SELECT leverkit_reasons.customer, last_order, because, next_place, next_product, days, money, total / known AS probability
  FROM leverkit_reasons
  JOIN leverkit_known ON leverkit_known.customer = leverkit_reasons.customer
  WHERE strongest = 1{not_owned}
),
leverkit_ranked AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY ROUND(probability * 1000000000) DESC, next_place) AS place
  FROM leverkit_chances
)
SELECT customer, next_product AS "next", probability, because, last_order, {due} AS due, probability * money AS expected_revenue
FROM leverkit_ranked
WHERE place = 1 AND days >= {wait} AND days < {wait} + {length}
ORDER BY expected_revenue DESC, customer
"""
_SECOND_LAST = """
  JOIN leverkit_held AS leverkit_earlier ON leverkit_earlier.customer = leverkit_held.customer AND leverkit_earlier.latest = 2
    AND leverkit_earlier.product = leverkit_states.earlier"""
_NOT_OWNED = """ AND NOT EXISTS (
    SELECT 1 FROM leverkit_bought
    WHERE leverkit_bought.customer = leverkit_reasons.customer AND leverkit_bought.product = leverkit_reasons.next_product
  )"""


def due_query(
    table: pl.DataFrame,
    states: pl.DataFrame,
    lines: Lines,
    dialect: str,
    *,
    day: str,
    length: int,
    exclude_owned: bool,
) -> str:
    """The query; `table` and `states` are those of the result."""
    # Products in the order of the engine's codes, by which it breaks ties; so are states, by the last product and the one before.
    pairs = "before" in states.columns
    keys = ("product", "before") if pairs else ("product",)
    products = pl.concat([*(states[key] for key in keys), table["next"]]).unique().sort().to_list()
    place = {product: number for number, product in enumerate(products)}
    known = sorted(states.select(keys).iter_rows(), key=lambda state: [place[product] for product in state])
    number = {state: at for at, state in enumerate(known)}
    next_rows = [
        (
            number[tuple(row[key] for key in keys)],
            place[row["next"]],
            row["next"],
            row["probability"],
            # Halves are rounded up, as the engine does.
            int(row["median_days"] + 0.5),
            row["revenue"] / row["count"],
        )
        for row in table.iter_rows(named=True)
    ]
    columns = ("state", "next_place", "next_product", "chance", "days", "money")
    query = _DUE.format(
        lines=lines.expressions(),
        states=rows_of(
            "leverkit_states",
            ("state", "product", "earlier")[: 1 + len(keys)],
            [(at, *state) for state, at in number.items()],
        ),
        transitions=rows_of("leverkit_next", columns, next_rows),
        buys=lines.buys,
        order=len(keys),
        second_last=_SECOND_LAST if pairs else "",
        not_owned=_NOT_OWNED if exclude_owned else "",
        due=added("last_order", "days"),
        wait=f"DATEDIFF({date(day)}, last_order)",
        length=length,
    )
    return translated(query, dialect)
