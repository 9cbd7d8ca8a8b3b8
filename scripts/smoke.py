"""What leverkit does when it is alone: run by the Python of an environment in which nothing else was installed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import leverkit as lk


def main() -> None:
    """Scores the shop's customers, asks each engine something, and keeps the cut points."""
    ledger = lk.Ledger(
        lk.datasets.shop(),
        customer="client",
        time="ordered_at",
        amount="paid",
        order="order",
        product="product",
        quantity="quantity",
        list_price="list_price",
        unit_cost="unit_cost",
        dimensions=["category", "rep", "channel"],
    )
    scores = lk.rfm.score(ledger)
    assert scores.customers["customer"].n_unique() == ledger.n_customers
    assert lk.rfm.limit_day(ledger, horizon=90).limits.height == 1
    assert lk.clv.contest(ledger).table.height > 1
    assert lk.funnel.ladder(ledger).table.height > 1
    assert lk.pricing.waterfall(ledger).table.height > 1
    assert lk.plan(ledger, draws=200).table.height > 1
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "norms.json"
        scores.save(file)
        assert lk.rfm.load(file).apply(ledger).customers.equals(scores.customers)
    print(f"leverkit {lk.__version__}: {ledger.n_lines:,} lines of {ledger.n_customers} customers")


if __name__ == "__main__":
    main()
