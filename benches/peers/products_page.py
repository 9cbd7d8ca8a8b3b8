"""The page on the product funnel."""

from __future__ import annotations

from benches.peers import products
from benches.peers.generate import orders
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page."""
    path, warm_up = orders(lines, lines // 10), orders(20_000, 2_000)
    transitions = measure("products.TRANSITIONS", list(products.TRANSITIONS), path, warm_up, rounds)
    pairs = measure("products.PAIRS", list(products.PAIRS), path, warm_up, rounds)
    what = f"{lines:,} lines of about {4 * lines // 10:,} orders by {lines // 10:,} customers, 2,000 products."
    return f"""# Benchmarks: product funnel

{intro(what, rounds)}
## From the first order's products to the second's

Results are count, conversion, lift and median days of every pair of products; times include reading the file. leverkit also computes probabilities that add up to one, with limits.

{table(transitions, "leverkit")}

## Products bought together

leverkit computes an exact test for every pair and eight measures in both directions; with `fdr=0.01` it returns only the pairs that pass. The others only count.

{table(pairs, "leverkit, all pairs tested")}
"""
