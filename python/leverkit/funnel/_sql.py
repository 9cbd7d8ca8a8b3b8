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
leverkit_last AS (
  SELECT DISTINCT leverkit_latest.customer, leverkit_latest.day AS last_order, leverkit_states.place, leverkit_states.product
  FROM leverkit_latest
  JOIN leverkit_bought ON leverkit_bought.customer = leverkit_latest.customer AND (leverkit_bought.order_id = leverkit_latest.order_id
    OR (leverkit_bought.order_id IS NULL AND leverkit_latest.order_id IS NULL AND leverkit_bought.day = leverkit_latest.day))
  JOIN leverkit_states ON leverkit_states.product = leverkit_bought.product
  WHERE latest = 1
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
    ROW_NUMBER() OVER (PARTITION BY leverkit_last.customer, next_place ORDER BY chance DESC, leverkit_last.place) AS strongest
  FROM leverkit_last
  JOIN leverkit_next ON leverkit_next.place = leverkit_last.place
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
    # Products in the order of the engine's codes, by which it breaks ties.
    products = pl.concat([states["product"], table["product"], table["next"]]).unique().sort().to_list()
    place = {product: number for number, product in enumerate(products)}
    next_rows = [
        (
            place[row["product"]],
            place[row["next"]],
            row["next"],
            row["probability"],
            # Halves are rounded up, as the engine does.
            int(row["median_days"] + 0.5),
            row["revenue"] / row["count"],
        )
        for row in table.iter_rows(named=True)
    ]
    state_rows = [(place[product], product) for product in states["product"]]
    columns = ("place", "next_place", "next_product", "chance", "days", "money")
    query = _DUE.format(
        lines=lines.expressions(),
        states=rows_of("leverkit_states", ("place", "product"), state_rows),
        transitions=rows_of("leverkit_next", columns, next_rows),
        buys=lines.buys,
        not_owned=_NOT_OWNED if exclude_owned else "",
        due=added("last_order", "days"),
        wait=f"DATEDIFF({date(day)}, last_order)",
        length=length,
    )
    return translated(query, dialect)
