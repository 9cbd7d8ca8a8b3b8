"""The page on RFM: scores from the file and from a Ledger, and what keeps customers."""

from __future__ import annotations

import statistics

from benches.peers.generate import order_lines
from benches.peers.harness import intro, measure, multiples, table
from benches.peers.scores import PEERS


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page."""
    customers = lines // 10
    warm_up = order_lines(20_000, 2_000)
    whole = measure("scores.PEERS", list(PEERS), order_lines(lines, customers), warm_up, rounds)
    ledger = measure("scores.FROM_LEDGER", ["leverkit, from a Ledger"], order_lines(lines, customers), warm_up, rounds)
    text_peers = [
        "leverkit",
        "leverkit, of a path",
        "polars streaming, days",
        "polars streaming, lines",
        "DuckDB, days",
        "DuckDB, lines",
    ]
    text_warm_up = order_lines(20_000, 2_000, text_ids=True)
    texts = measure("scores.PEERS", text_peers, order_lines(lines, customers, text_ids=True), text_warm_up, rounds)
    build = statistics.median(run["build"] for run in ledger["leverkit, from a Ledger"])
    what = (
        f"{lines:,} order lines of {customers:,} customers over two years in a Parquet file, in random order; recency, frequency,\n"
        "monetary value and quintile scores of every customer, reading the file included."
    )
    return f"""# Benchmarks: RFM

{intro(what, rounds)}
leverkit counts orders; without an order id, an order is a day of a customer. Peers marked "days" also count distinct days and so do the
same work; those marked "lines" count lines, which is less work. `leverkit` is given what `polars.scan_parquet` returns; "of a path" is given the path alone: leverkit then makes
texts of ids, as in all files, and looks for texts that mean missing.

## From the file, integer ids

{table(whole, "leverkit")}

## From the file, text ids

{table(texts, "leverkit")}

## From a built Ledger

Building the Ledger, including reading the file, takes {build:.3f} s; scores from it:

{table({**ledger, **{peer: whole[peer] for peer in ("polars streaming, lines", "DuckDB, lines")}}, "leverkit, from a Ledger")}

The next table shows analyses of retention from the same Ledger, tables included, in multiples of one scoring from it with its table; scoring from the file takes
{statistics.median(run["wall"] for run in whole["leverkit"]) / statistics.median(run["wall"] for run in ledger["leverkit, from a Ledger"]):.1f}:

{multiples(ledger["leverkit, from a Ledger"])}
"""
