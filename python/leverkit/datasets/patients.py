"""A simulated clinic whose truth is known: touches of leads, consultations, and treatment plans."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

import polars as pl

from leverkit._lib.inputs import at_least


@dataclass(frozen=True)
class Clinic:
    """A simulated clinic.

    Attributes
    ----------
    events : polars.DataFrame
        What leads and patients did: patient, time, event ("touch", "consultation", "plan", "treatment"), channel (of touches), booked (whether the touch led to a
        consultation), value (money of the plan).
    plans : polars.DataFrame
        One row per patient and procedure: patient, date, doctor, channel, procedure, price (money of a unit), recommended, agreed, performed (units).
    stages : list of (str, int)
        The numbers of leads, consultations, plans and treated patients.
    truth : dict
        ``agreed`` and ``performed``: probabilities per unit, by doctor; ``book``: the probability that a touch of a channel leads to a consultation;
        ``recommended``: average units per patient.
    """

    events: pl.DataFrame
    plans: pl.DataFrame
    stages: list[tuple[str, int]]
    truth: dict[str, Any]


_BOOK = {"search": 0.22, "social": 0.06, "referral": 0.35, "mail": 0.12}
_AGREED = {"Abel": 0.78, "Brandt": 0.75, "Chen": 0.73, "Duval": 0.67}
_PERFORMED = {"Abel": 0.36, "Brandt": 0.33, "Chen": 0.32, "Duval": 0.26}
_PROCEDURES = {"filling": (90.0, 10.0), "crown": (450.0, 6.0), "implant": (900.0, 4.0)}
_ALIKE = 8.0
_EVENTS = {
    "patient": pl.String,
    "time": pl.Datetime,
    "event": pl.String,
    "channel": pl.String,
    "booked": pl.Boolean,
    "value": pl.Float64,
}
_PLANS = {
    "patient": pl.String,
    "date": pl.Date,
    "doctor": pl.String,
    "channel": pl.String,
    "procedure": pl.String,
    "price": pl.Float64,
    "recommended": pl.Int64,
    "agreed": pl.Int64,
    "performed": pl.Int64,
}


def clinic(leads: int = 4_000, *, seed: int = 1) -> Clinic:
    """Simulates a clinic over one year: of 20 units recommended to a patient, about 15 are agreed and 5 performed. Patients differ, and so do
    doctors.

    Raises
    ------
    ParameterError
        Fewer than one lead.

    Examples
    --------
    >>> from leverkit.datasets import clinic
    >>> clinic(leads=50).stages[0]
    ('lead', 50)
    """
    at_least("leads", leads, 1)
    draw = random.Random(seed)
    events: list[tuple[Any, ...]] = []
    plans: list[tuple[Any, ...]] = []
    counts = {"lead": leads, "consultation": 0, "plan": 0, "treated": 0}
    for number in range(leads):
        patient = f"p{number + 1:05}"
        at = dt.datetime(2024, 1, 1) + dt.timedelta(minutes=draw.randrange(330 * 24 * 60))
        at, channel = _touches(draw, events, patient, at)
        if channel is None or draw.random() > 0.85:
            continue
        counts["consultation"] += 1
        at += dt.timedelta(days=1 + draw.randrange(10))
        events.append((patient, at, "consultation", None, False, None))
        if draw.random() > 0.8:
            continue
        counts["plan"] += 1
        rows = _plan(draw, patient, at.date(), channel)
        plans += rows
        events.append((patient, at, "plan", None, False, sum(row[5] * row[6] for row in rows)))
        if any(row[8] for row in rows):
            counts["treated"] += 1
            events.append((patient, at + dt.timedelta(days=7 + draw.randrange(14)), "treatment", None, False, None))
    recommended = sum(mean for _, mean in _PROCEDURES.values())
    truth = {"agreed": _AGREED, "performed": _PERFORMED, "book": _BOOK, "recommended": recommended}
    return Clinic(
        pl.DataFrame(events, schema=_EVENTS, orient="row"),
        pl.DataFrame(plans, schema=_PLANS, orient="row"),
        list(counts.items()),
        truth,
    )


def _touches(
    draw: random.Random, events: list[tuple[Any, ...]], patient: str, at: dt.datetime
) -> tuple[dt.datetime, str | None]:
    """Up to five touches, until one leads to a consultation; returns when, and the channel that the patient came by first."""
    came_by = None
    for _ in range(1 + draw.randrange(5)):
        channel = draw.choices(list(_BOOK), [4, 4, 1, 2])[0]
        came_by = came_by or channel
        booked = draw.random() < _BOOK[channel]
        events.append((patient, at, "touch", channel, booked, None))
        if booked:
            return at, came_by
        at += dt.timedelta(hours=1 + draw.randrange(200))
    return at, None


def _plan(draw: random.Random, patient: str, day: dt.date, channel: str) -> list[tuple[Any, ...]]:
    """The patient's plan by a doctor; how readily the patient agrees and comes is the patient's own."""
    doctor = draw.choices(list(_AGREED), [4, 3, 2, 1])[0]
    agrees, comes = (
        draw.betavariate(_ALIKE * chance, _ALIKE * (1 - chance)) for chance in (_AGREED[doctor], _PERFORMED[doctor])
    )
    rows = []
    for procedure, (price, mean) in _PROCEDURES.items():
        recommended = sum(draw.random() < mean / 20 for _ in range(20))
        agreed = sum(draw.random() < agrees for _ in range(recommended))
        performed = sum(draw.random() < comes for _ in range(agreed))
        rows.append((patient, day, doctor, channel, procedure, price, recommended, agreed, performed))
    return [row for row in rows if row[6]]
