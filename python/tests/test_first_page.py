"""The first page of the benchmarks says what the pages of the topics say, and what is stated is measured there."""

from __future__ import annotations

from pathlib import Path

from benches.peers import first_page

PAGES = Path(__file__).parents[2] / "docs" / "benchmarks"


def test_the_first_page_is_made_of_the_others() -> None:
    assert (PAGES / "index.md").read_text(encoding="utf-8") == first_page.write(first_page.read(PAGES))


def test_every_stated_ratio_is_measured_and_kept() -> None:
    found = first_page.read(PAGES)
    assert first_page.STATED.keys() <= {(job.topic, job.name) for job in found}
    assert first_page.missed(found) == []


def test_a_job_is_its_heading_with_the_fastest_peer_and_what_reading_costs() -> None:
    page = """# Benchmarks: pages

## A job

| | median s | × leverkit | peak MiB | same answer |
|---|---:|---:|---:|---|
| leverkit | 0.500 | 1.00 | 10 | rows |
| leverkit, from a Ledger | 0.100 | 0.20 | 10 | rows |
| slow | 5.000 | 10.00 | 10 | rows |
| fast | 1.000 | 2.00 | 10 | rows |
| broken | – | – | – | did not run: no |
| reading alone | 0.200 | 0.40 | 10 |  |
"""
    assert list(first_page.jobs("pages", page)) == [first_page.Job("pages", "A job", 0.5, "fast", 2.0, 0.4)]
