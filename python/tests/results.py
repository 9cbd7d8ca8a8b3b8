"""One of each result, made from small data whose names, groups and order of rows are told; `python -m results` prints their digests.

A new analysis of a ledger is made with its defaults; one that needs more adds a maker to `MAKERS`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, get_type_hints

import polars as pl

import leverkit as lk
from leverkit._lib.result import Result

PLAIN = ("north", "south", "east", "west", "upper", "lower", "inner", "outer")
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "\"double\" and 'single' & co",
    "long " * 60,
    "Очень длинное русское название подразделения",
    "\N{TEST TUBE}\N{PILL} emoji",
    "%{y}<br>{0}{name}",
    "two\nlines",
    "100 %",
)
START = dt.date(2024, 1, 1)


@dataclass(frozen=True)
class World:
    """What the data of all results look like."""

    groups: int = 2
    names: Sequence[str] = PLAIN
    #: In what order rows come: as they were made, or shuffled with this seed.
    order: int | None = None

    @property
    def group_names(self) -> Sequence[str]:
        return self.names[: self.groups]

    def frame(self, rows: list[dict[str, Any]]) -> pl.DataFrame:
        frame = pl.DataFrame(rows)
        return frame if self.order is None else frame.sample(fraction=1, shuffle=True, seed=self.order)

    @cached_property
    def lines(self) -> pl.DataFrame:
        """Order lines of 400 customers over a year and a half; no two orders of a customer on one day."""
        draw = random.Random(1)
        rows, order = [], 0
        for customer in range(400):
            gap, day, group = draw.uniform(10, 90), draw.randrange(360), draw.choice(self.group_names)
            while day < 540 and draw.random() < 0.93:
                order += 1
                for product in draw.sample(range(8), draw.choice((1, 1, 2, 3))):
                    listed, units = 10.0 + 5 * product, draw.randint(1, 3)
                    off = draw.choice((0.0, 0.05, 0.1, 0.2)) * listed * units
                    rows.append(
                        {
                            "customer": f"c{customer}",
                            "day": START + dt.timedelta(days=day),
                            "order": order,
                            "product": self.names[product],
                            "units": units,
                            "listed": listed * units,
                            "off": off,
                            "paid": listed * units - off,
                            "cost": 0.4 * listed * units,
                            "group": group,
                        }
                    )
                day += max(1, round(draw.expovariate(1 / gap)))
        return self.frame(rows)

    @cached_property
    def members(self) -> pl.DataFrame:
        """Customers who joined a programme in one of two months."""
        days = {0: dt.date(2024, 8, 5), 1: dt.date(2024, 10, 12)}
        rows = [
            {
                "customer": f"c{customer}",
                "joined": days.get(customer % 4),
                "tier": self.group_names[customer % 2 % self.groups],
            }
            for customer in range(400)
        ]
        return self.frame(rows)

    @cached_property
    def satisfied(self) -> pl.DataFrame:
        """How well needs of half of the customers are met, and the segment of each."""
        draw = random.Random(9)
        rows = [
            {
                "respondent": f"c{customer}",
                "segment": self.group_names[customer % 3 % len(self.group_names)],
                self.names[0]: draw.randint(1, 5),
                self.names[1]: draw.randint(1, 5),
            }
            for customer in range(0, 400, 2)
        ]
        return self.frame(rows)

    @cached_property
    def panel(self) -> pl.DataFrame:
        """Sales of 90 shops in eight months; some were treated from the fourth or the sixth on."""
        draw = random.Random(2)
        rows = []
        for unit in range(90):
            level, treated = draw.gauss(100, 10), (None, dt.date(2024, 4, 1), dt.date(2024, 6, 1))[unit % 3]
            for place in range(1, 9):
                month = dt.date(2024, place, 1)
                effect = 5.0 if treated is not None and month >= treated else 0.0
                sales = level + place + effect + draw.gauss(0, 3)
                rows.append({"unit": f"s{unit}", "month": month, "sales": sales, "treated": treated})
        return self.frame(rows)

    @cached_property
    def ledger(self) -> lk.Ledger:
        return lk.Ledger(
            self.lines,
            customer="customer",
            time="day",
            amount="paid",
            order="order",
            product="product",
            quantity="units",
            unit_cost="cost",
            list_price="listed",
            discounts={self.names[0]: "off"},
            dimensions=["group"],
        )

    @cached_property
    def needs(self) -> pl.DataFrame:
        """What 120 people say of six features and needs: with and without it, how important it is, and how satisfied they are."""
        draw = random.Random(6)
        rows = []
        for who in range(120):
            group = draw.choice(self.group_names)
            for at, feature in enumerate(self.names[:6]):
                likes = draw.random() < 0.3 + 0.1 * at
                rows.append(
                    {
                        "who": who,
                        "group": group,
                        "feature": feature,
                        "with": "like" if likes else draw.choice(("must-be", "neutral", "live with")),
                        "without": "dislike"
                        if draw.random() < 0.8 - 0.12 * at
                        else draw.choice(("neutral", "live with")),
                        "important": 5 if draw.random() < 0.4 + 0.1 * at else 2,
                        "satisfied": 4 if draw.random() < 0.6 else 1,
                    }
                )
        return self.frame(rows)

    @cached_property
    def kano(self) -> lk.survey.Kano:
        return lk.survey.kano(
            self.needs,
            feature="feature",
            functional="with",
            dysfunctional="without",
            importance="important",
            respondent="who",
            by="group",
            replicates=200,
        )

    @cached_property
    def choices(self) -> pl.DataFrame:
        """The best and the worst of three of six things, ten times by each of 60 people."""
        draw = random.Random(7)
        rows = []
        for who in range(60):
            for task in range(10):
                shown = [at % 6 for at in (task, task + 1 + task % 2, task + 3)]
                order = sorted(shown, key=lambda at: draw.gauss(at, 2.0))
                names = {f"place {place}": self.names[at] for place, at in enumerate(shown)}
                rows.append({"who": who, **names, "best": self.names[order[-1]], "worst": self.names[order[0]]})
        return self.frame(rows)

    @cached_property
    def summary(self) -> pl.DataFrame:
        return lk.clv.summary(self.ledger, calibration_end=START + dt.timedelta(days=360))

    @cached_property
    def models(self) -> tuple[lk.clv.ModifiedBetaGeoModel, lk.clv.GammaGammaModel]:
        return lk.clv.ModifiedBetaGeoModel().fit(self.summary), lk.clv.GammaGammaModel().fit(self.summary)

    @cached_property
    def events(self) -> pl.DataFrame:
        """Ways of 300 visitors along four stages, with the channel they came by and what they paid; no two events at one moment."""
        draw = random.Random(2)
        rows, minute = [], 0
        for visitor in range(300):
            group, channel = draw.choice(self.group_names), draw.choice(self.names)
            for stage in self.names[:4]:
                for _ in range(draw.choice((1, 1, 2))):
                    minute += draw.randint(1, 60)
                    rows.append(
                        {
                            "who": f"v{visitor}",
                            "at": dt.datetime(2024, 1, 1) + dt.timedelta(minutes=minute),
                            "what": stage,
                            "channel": channel,
                            "group": group,
                            "bought": int(stage == self.names[3]),
                            "paid": 10.0 * (stage == self.names[3]),
                        }
                    )
                if draw.random() < 0.3:
                    break
        return self.frame(rows)

    @cached_property
    def stages(self) -> lk.funnel.StageFunnel:
        return lk.funnel.stages(
            self.events,
            entity="who",
            time="at",
            stage="what",
            stages=list(self.names[:4]),
            by="group",
            value="paid",
            exits=True,
        )

    @cached_property
    def deals(self) -> pl.DataFrame:
        """1,000 deals of two years, each of another size and price."""
        draw = random.Random(3)
        rows = []
        for number in range(1000):
            listed, units = 100.0, draw.uniform(1, 200)
            volume, special = 0.0005 * units * listed, draw.uniform(0, 0.15) * listed
            rows.append(
                {
                    "deal": number,
                    "year": 2023 + number % 2,
                    "group": draw.choice(self.group_names),
                    "product": draw.choice(self.names),
                    "units": units,
                    "list": listed,
                    "volume": volume,
                    "special": special,
                    "pocket": listed - volume - special,
                    "cost": 50.0,
                    "revenue": (listed - volume - special) * units,
                    "cost_of_row": 50.0 * units,
                }
            )
        return self.frame(rows)

    @cached_property
    def shops(self) -> pl.DataFrame:
        """Prices of 12 products at four sellers over 30 weeks; the others follow the second."""
        draw = random.Random(4)
        rows, prices = [], {product: 10.0 + product for product in range(12)}
        for week in range(30):
            for product in range(12):
                before = prices[product]
                if draw.random() < 0.3:
                    prices[product] *= draw.uniform(0.9, 1.1)
                for place, seller in enumerate(self.names[:4]):
                    price = (prices[product] if place == 1 else before) * draw.uniform(0.99, 1.01)
                    rows.append(
                        {
                            "week": START + dt.timedelta(weeks=week),
                            "product": f"p{product}",
                            "seller": seller,
                            "price": price,
                            "units": 1 + 100 * price**-2 * draw.uniform(0.8, 1.2),
                            "revenue": 100.0 * price,
                        }
                    )
        return self.frame(rows)

    @cached_property
    def sales(self) -> pl.DataFrame:
        """40 weeks of sales of each group, whose elasticity is -2; cost moves the price."""
        draw = random.Random(5)
        rows = []
        for group in self.group_names:
            for week in range(40):
                cost = draw.uniform(1, 2)
                price = cost * draw.uniform(1.4, 1.6)
                units = 1000 * price**-2 * draw.uniform(0.8, 1.25)
                rows.append({"group": group, "week": week, "price": price, "units": units, "cost": cost})
        return self.frame(rows)

    @cached_property
    def offers(self) -> pl.DataFrame:
        """40 products whose price follows their quality and maker."""
        draw = random.Random(6)
        rows = []
        for number in range(40):
            quality, maker = draw.uniform(1, 10), self.names[number % 4]
            price = 20 + 5 * quality + 3 * (number % 4) + draw.uniform(-2, 2)
            rows.append(
                {"product": f"{self.names[number % 8]} {number}", "price": price, "quality": quality, "maker": maker}
            )
        return self.frame(rows)

    @cached_property
    def answers(self) -> pl.DataFrame:
        """Of 200 respondents four prices each, and how surely they would buy at two of them."""
        draw = random.Random(7)
        rows = []
        for _ in range(200):
            middle = draw.uniform(8, 14)
            rows.append(
                {
                    "too_cheap": middle * draw.uniform(0.4, 0.6),
                    "cheap": middle * draw.uniform(0.7, 0.9),
                    "expensive": middle * draw.uniform(1.1, 1.3),
                    "too_expensive": middle * draw.uniform(1.4, 1.8),
                    "at_cheap": draw.randint(3, 5),
                    "at_expensive": draw.randint(1, 3),
                }
            )
        return self.frame(rows)

    @cached_property
    def asked(self) -> pl.DataFrame:
        """Whether 200 respondents would buy at five prices."""
        draw = random.Random(8)
        rows = []
        for respondent in range(200):
            limit = draw.uniform(3, 12)
            rows += [
                {"who": respondent, "price": price, "buys": price < limit} for price in (4.0, 6.0, 8.0, 10.0, 12.0)
            ]
        return self.frame(rows)

    @cached_property
    def tasks(self) -> pl.DataFrame:
        """100 respondents choose among three offers in six tasks each, and rate them."""
        draw = random.Random(9)
        rows = []
        for task in range(600):
            offers = [{"brand": draw.choice(self.names[:4]), "price": draw.choice((5.0, 7.0, 9.0))} for _ in range(3)]
            worth = [self.names.index(offer["brand"]) - 0.5 * offer["price"] + draw.gauss(0, 1) for offer in offers]
            for place, offer in enumerate(offers):
                rows.append(
                    {
                        "task": task,
                        "who": task // 6,
                        "option": f"o{place}",
                        "chosen": worth[place] == max(worth),
                        "score": worth[place],
                        **offer,
                    }
                )
        return self.frame(rows)

    @cached_property
    def conjoint(self) -> lk.pricing.Conjoint:
        return lk.pricing.conjoint(
            self.tasks,
            situation="task",
            alternative="option",
            chosen="chosen",
            attributes=["brand"],
            price="price",
            respondent="who",
            draws=200,
        )

    @cached_property
    def comparisons(self) -> pl.DataFrame:
        """Six judges compare four items, each in their own way."""
        draw = random.Random(11)
        worth = {name: place + 1 for place, name in enumerate(self.names[:4])}
        rows = []
        for judge in range(6):
            for first, second in combinations(worth, 2):
                times = worth[first] / worth[second] * draw.choice((0.5, 0.8, 1.0, 1.25, 2.0))
                rows.append({"judge": f"j{judge}", "first": first, "second": second, "value": times})
        return self.frame(rows)

    @cached_property
    def house(self) -> lk.survey.HouseOfQuality:
        draw = random.Random(12)
        names = list(self.names[:8])
        cells = [
            {"need": need, "characteristic": part, "strength": draw.choice((0, 0, 1, 3, 9)), "judge": judge}
            for need in names[:4]
            for part in names[4:]
            for judge in ("x", "y", "z")
        ]
        needs = {
            "need": names[:4],
            "weight": [4, 3, 2, 1],
            "current": [3, 3, 4, 2],
            "planned": [4, 3, 5, 4],
            "rival": [5, 2, 3, 4],
        }
        parts = {"characteristic": names[4:], "target": ["5 kg", None, "1 s", "2"], "cost": [5.0, 3.0, 2.0, 4.0]}
        roof = pl.DataFrame([{"first": names[4], "second": names[5], "correlation": -0.3}])
        return lk.survey.house_of_quality(pl.DataFrame(needs), pl.DataFrame(parts), self.frame(cells), roof, draws=200)

    @cached_property
    def wants(self) -> pl.DataFrame:
        """What 300 respondents of two kinds, in eight groups at most, say to six statements, a rating and a number."""
        draw = random.Random(13)
        rows = []
        for who in range(300):
            kind = who % 3 == 0
            said = {f"item {place}": draw.random() < (0.85 if (place < 3) == kind else 0.15) for place in range(6)}
            row = {"who": f"r{who}", **said, "rating": draw.randint(3, 5) if kind else draw.randint(1, 4)}
            row |= {"wish": self.names[draw.randrange(3)], "spend": draw.gauss(20 if kind else 10, 4)}
            rows.append(
                {
                    **row,
                    "group": draw.choice(self.group_names[:8]),
                    "age": draw.randint(18, 70),
                    "margin": draw.gauss(5, 1),
                }
            )
        return self.frame(rows)

    @cached_property
    def ticks(self) -> pl.DataFrame:
        """What 120 respondents tick of four brands, in two waves."""
        draw = random.Random(14)
        rows = []
        for who in range(120):
            for place, brand in enumerate(self.names[:4]):
                for other, said in enumerate(self.names[4:]):
                    chance = 0.7 if place == other else 0.3
                    rows.append(
                        {"who": who, "wave": who % 2, "brand": brand, "says": said, "picked": draw.random() < chance}
                    )
        return self.frame(rows)

    @cached_property
    def rated(self) -> pl.DataFrame:
        """How 80 respondents rate four brands on three statements, and whether they would choose them."""
        draw = random.Random(15)
        rows = []
        for who in range(80):
            for place, brand in enumerate(self.names[:4]):
                chosen = draw.random() < 0.3 + 0.1 * place
                for other, said in enumerate(self.names[4:7]):
                    rating = (
                        draw.randint(2, 5) + (place == other) * draw.randint(0, 1) - (not chosen) * draw.randint(0, 1)
                    )
                    rows.append({"who": who, "brand": brand, "says": said, "rating": min(rating, 5), "chosen": chosen})
        return self.frame(rows)

    @cached_property
    def compared(self) -> pl.DataFrame:
        """How unlike 40 respondents find pairs of six brands, on a scale of 1 (the same) to 9."""
        draw = random.Random(16)
        rows = []
        for who in range(40):
            for place, one in enumerate(self.names[:6]):
                for other in range(place + 1, 6):
                    unlike = min(9, max(1, round(1 + 1.5 * (other - place) + draw.gauss(0, 1))))
                    rows.append({"who": who, "one": one, "other": self.names[other], "unlike": unlike})
        return self.frame(rows)

    @property
    def market(self) -> pl.DataFrame:
        return pl.DataFrame({"name": self.names[:3], "brand": self.names[:3], "price": [5.0, 7.0, 9.0]})

    @cached_property
    def plans(self) -> pl.DataFrame:
        """Treatment plans of 200 patients: what was recommended, agreed and performed."""
        draw = random.Random(10)
        rows = []
        for patient in range(200):
            recommended = draw.randint(1, 12)
            agreed = draw.randint(0, recommended)
            rows.append(
                {
                    "patient": f"{draw.choice(self.names)} {patient}",
                    self.names[0]: recommended,
                    self.names[1]: agreed,
                    self.names[2]: draw.randint(0, agreed),
                    "price": 50.0 + patient,
                    "group": draw.choice(self.group_names),
                }
            )
        return self.frame(rows)

    @property
    def segments(self) -> pl.DataFrame:
        """A formula's values by segment."""
        return self.frame(
            [{"segment": name, **VALUES, "leads": 1000.0 + 100 * place} for place, name in enumerate(self.group_names)]
        )

    @cached_property
    def elasticity(self) -> lk.pricing.Elasticity:
        return lk.pricing.elasticity(
            self.sales, quantity="units", price="price", effects=["group"], instruments=["cost"]
        )

    @cached_property
    def tested(self) -> pl.DataFrame:
        """400 units of a test in two arms, with what they did before; half of those treated received it."""
        draw = random.Random(11)
        rows = []
        for unit in range(400):
            treated, before = unit % 2, draw.choice((0.0, draw.uniform(5, 50)))
            spend = max(0.0, 0.8 * before + 3 * treated + draw.gauss(0, 5))
            rows.append(
                {
                    "unit": unit,
                    "customer": f"c{unit}",
                    "arm": self.names[treated],
                    "spend": spend,
                    "before": before,
                    "orders": draw.randint(0, 3),
                    "got": bool(treated and unit % 4 == 1),
                    "score": before + draw.random(),
                    "group": draw.choice(self.group_names),
                }
            )
        return self.frame(rows)

    @cached_property
    def points(self) -> pl.DataFrame:
        """Points of 150 customers over a year; a customer has one movement a day at most."""
        draw = random.Random(12)
        rows = []
        for customer in range(150):
            day, open_points = draw.randrange(60), 0
            while day < 360:
                earned = draw.randint(50, 200)
                redeemed = draw.randint(0, open_points) if draw.random() < 0.3 else 0
                open_points += earned - redeemed
                date = START + dt.timedelta(days=day)
                rows.append({"customer": f"c{customer}", "date": date, "earned": earned, "redeemed": redeemed})
                day += draw.randint(5, 60)
        return self.frame(rows)

    @cached_property
    def cities(self) -> pl.DataFrame:
        """Sales of eight cities over 30 weeks; the first gains 5 from the 20th on."""
        draw = random.Random(13)
        season = [3 * math.sin(week / 3) for week in range(30)]
        rows = []
        for place, city in enumerate(self.names):
            level, share = draw.uniform(40, 60), draw.uniform(0.5, 1.5)
            for week in range(30):
                sales = level + share * season[week] + draw.gauss(0, 0.5) + 5 * (place == 0 and week >= 20)
                rows.append({"city": city, "week": week, "sales": sales})
        return self.frame(rows)

    @cached_property
    def kpis(self) -> lk.profit.KpiSystem:
        name = self.names[0].replace('"', "'")
        return lk.profit.KpiSystem.from_text(
            f'kpi = [{{parameter = "close_rate", value = 0.25, positions = ["{name}"]}}, '
            f'{{parameter = "items", value = 2.0, positions = ["{name}"]}}]\nposition = [{{name = "{name}", bonus = 1000.0}}]'
        )


MINIMAL = lk.profit.Formula.minimal()
VALUES = {"leads": 1000.0, "conversion": 0.1, "price": 50.0, "quantity": 2.0}
LATER = {"leads": 1100.0, "conversion": 0.12, "price": 48.0, "quantity": 2.1}
SPREAD = {
    "conversion": {"kind": "normal", "mean": 0.1, "std": 0.01},
    "price": {"kind": "uniform", "low": 40.0, "high": 60.0},
}
FULL = lk.profit.Formula.full()
OFFER = {"list_price": "list", "quantity": "units"}
SIDES = {"period": "year", "base": 2023, "against": 2024}


def _steps(world: World) -> list[tuple[str, int]]:
    return list(zip(world.names[:3], (5000, 2000, 400), strict=True))


def _cost_formula() -> tuple[lk.profit.Formula, dict[str, float]]:
    formula = lk.profit.Formula.from_expressions(
        {"revenue": "price * units", "profit": "revenue - cost * units - fixed"}
    )
    return formula, {"price": 10.0, "units": 100.0, "cost": 4.0, "fixed": 200.0}


def _of_a_ledger() -> Iterator[tuple[type[Result], Callable[[World], Any]]]:
    """The analyses of a ledger, which need nothing else."""
    for package in (lk.rfm, lk.clv, lk.funnel, lk.pricing):
        for analysis in filter(inspect.isfunction, (getattr(package, name) for name in package.__all__)):
            first, *others = inspect.signature(analysis).parameters.values()
            needed = [of for of in others if of.default is of.empty and of.kind is not of.VAR_KEYWORD]
            kind = get_type_hints(analysis)["return"]
            if first.name == "ledger" and not needed and inspect.isclass(kind) and issubclass(kind, Result):
                yield kind, lambda world, analysis=analysis: analysis(world.ledger)


MAKERS: dict[type[Result], Callable[[World], Any]] = {
    **dict(_of_a_ledger()),
    lk.rfm.Scores: lambda w: lk.rfm.score(w.ledger, as_of=START + dt.timedelta(days=300)).apply(w.ledger),
    lk.survey.Ahp: lambda w: lk.survey.ahp(w.comparisons, judge="judge", draws=200),
    lk.survey.HouseOfQuality: lambda w: w.house,
    lk.survey.HouseChoice: lambda w: w.house.choose(9.0),
    lk.survey.Image: lambda w: lk.survey.image(
        w.ticks, respondent="who", brand="brand", attribute="says", picked="picked", wave="wave", replicates=100
    ),
    lk.survey.Correspondence: lambda w: lk.survey.correspondence(
        w.ticks.filter("picked"), row="brand", column="says", supplementary=[w.names[0]], replicates=100
    ),
    lk.survey.Similarity: lambda w: lk.survey.similarity(
        w.compared, respondent="who", one="one", other="other", value="unlike", same=1, replicates=100
    ),
    lk.survey.Missions: lambda w: lk.survey.needs_from_baskets(w.ledger, k=[1, 2]),
    lk.survey.Position: lambda w: lk.survey.position(
        w.rated,
        respondent="who",
        brand="brand",
        statement="says",
        value="rating",
        scheme={name: name for name in w.names[4:7]},
        measure="top",
        funnel=True,
        choice="chosen",
        facts={w.names[4]: {brand: at for at, brand in enumerate(w.rated["brand"].unique().sort())}},
        replicates=100,
    ),
    lk.survey.SegmentWorth: lambda w: lk.survey.worth(w.ledger, w.satisfied),
    lk.survey.MetNeeds: lambda w: lk.survey.met_needs(w.ledger, w.satisfied, needs=w.names[:2], on="2024-10-01"),
    lk.survey.Needs: lambda w: lk.survey.needs(
        w.wants,
        items=[*(f"item {place}" for place in range(6)), "rating", "wish", "spend"],
        respondent="who",
        covariates=["age", "group"],
        outcomes=["margin"],
        k=[1, 2, 3],
        simulations=19,
        refits=10,
        starts=10,
    ),
    lk.rfm.LimitDays: lambda w: lk.rfm.limit_day(w.ledger, horizon=90, by="group"),
    lk.rfm.Triggers: lambda w: lk.rfm.triggers(w.ledger, horizon=90),
    lk.clv.Validation: lambda w: lk.clv.validate(w.models[0], w.summary),
    lk.clv.ModelDrift: lambda w: w.models[0].drift(w.summary),
    lk.clv.Tracking: lambda w: lk.clv.tracking(w.models[0], w.ledger, calibration_end=START + dt.timedelta(days=360)),
    lk.clv.LifetimeValues: lambda w: lk.clv.lifetime_value(purchases=w.models[0], spend=w.models[1], summary=w.summary),
    lk.funnel.Ladder: lambda w: lk.funnel.ladder(w.ledger, rungs=4, horizon=90, by="group"),
    lk.funnel.BasketRules: lambda w: lk.funnel.basket_rules(w.ledger, fdr=0.9),
    lk.funnel.Sequences: lambda w: lk.funnel.sequences(w.ledger, min_support=0.02, max_length=2),
    lk.funnel.Quantities: lambda w: lk.funnel.quantities(
        w.plans, entity="patient", levels=list(w.names[:3]), value="price", by="group"
    ),
    lk.funnel.Reverse: lambda w: lk.funnel.reverse(
        target=1000,
        stages=_steps(w),
        cost_per_first=3,
        lags=[5, 10],
        start="2024-01-01",
        due="2024-12-31",
        available=10_000,
        improvements={w.names[1]: 1000.0},
    ),
    lk.funnel.Forward: lambda w: lk.funnel.forward(first=1000, stages=_steps(w), target=50),
    lk.funnel.Journey: lambda w: lk.funnel.journey(w.events, entity="who", time="at", event="what", channel="channel"),
    lk.funnel.Attribution: lambda w: lk.funnel.attribution(
        w.events, entity="who", time="at", channel="channel", conversion="bought", value="paid"
    ),
    lk.funnel.StageFunnel: lambda w: w.stages,
    lk.funnel.StageAudit: lambda w: w.stages.audit(),
    lk.funnel.StageComparison: lambda w: w.stages.compare(base_group=w.group_names[0], against_group=w.group_names[-1]),
    lk.effect.Did: lambda w: lk.effect.did(
        w.panel, unit="unit", period="month", outcome="sales", first_treated="treated", draws=200
    ),
    lk.effect.Programme: lambda w: lk.effect.programme(w.ledger, w.members, by="tier", relabellings=20, draws=200),
    lk.pricing.Waterfall: lambda w: lk.pricing.waterfall(
        w.deals, **OFFER, components={w.names[0]: "volume", w.names[1]: "special"}, unit_cost="cost", by="group"
    ),
    lk.pricing.PriceBand: lambda w: lk.pricing.price_band(w.deals, **OFFER, pocket_price="pocket", by="group"),
    lk.pricing.Leakage: lambda w: lk.pricing.leakage(w.deals, **OFFER, pocket_price="pocket", by=["group", "product"]),
    lk.pricing.DealScores: lambda w: lk.pricing.deal_score(w.deals, **OFFER, pocket_price="pocket", peers=["group"]),
    lk.pricing.Bridge: lambda w: lk.pricing.price_volume_mix(
        w.deals, **SIDES, keys=["group", "product"], quantity="units", revenue="revenue", cost="cost_of_row"
    ),
    lk.pricing.PriceIndex: lambda w: lk.pricing.price_index(
        w.shops.filter(seller=w.names[0]),
        time="week",
        product="product",
        price="price",
        quantity="units",
        base="chained",
    ),
    lk.pricing.Position: lambda w: lk.pricing.position(
        w.shops, product="product", seller="seller", price="price", own=w.names[0], date="week", revenue="revenue"
    ),
    lk.pricing.ValueMap: lambda w: lk.pricing.value_map(
        w.offers, product="product", price="price", attributes={"quality": 1.0}
    ),
    lk.pricing.Hedonic: lambda w: lk.pricing.hedonic(w.offers, price="price", attributes=["quality", "maker"]),
    lk.pricing.Leadership: lambda w: lk.pricing.leadership(
        w.shops, product="product", seller="seller", price="price", date="week"
    ),
    lk.pricing.Elasticity: lambda w: w.elasticity,
    lk.pricing.GroupElasticities: lambda w: lk.pricing.elasticity(w.sales, quantity="units", price="price", by="group"),
    lk.pricing.OptimalPrice: lambda w: lk.pricing.optimal_price(w.elasticity, unit_cost=1.0),
    lk.pricing.Westendorp: lambda w: lk.pricing.van_westendorp(
        w.answers,
        too_cheap="too_cheap",
        cheap="cheap",
        expensive="expensive",
        too_expensive="too_expensive",
        buy_cheap="at_cheap",
        buy_expensive="at_expensive",
    ),
    lk.pricing.GaborGranger: lambda w: lk.pricing.gabor_granger(
        w.asked, price="price", buys="buys", respondent="who", unit_cost=2.0
    ),
    lk.pricing.Conjoint: lambda w: w.conjoint,
    lk.pricing.RatingConjoint: lambda w: lk.pricing.rating_conjoint(
        w.tasks, rating="score", attributes=["brand"], price="price", respondent="who", draws=200
    ),
    lk.pricing.MarketSimulation: lambda w: w.conjoint.simulate(w.market, product="name"),
    lk.pricing.PriceCurve: lambda w: w.conjoint.price_curve(w.market, row=0, prices=[5.0, 6.0, 9.0]),
    lk.survey.Kano: lambda w: w.kano,
    lk.survey.Drift: lambda w: w.kano.drift(w.kano, same_people=True),
    lk.survey.Priorities: lambda w: w.kano.priorities(
        pl.DataFrame({"feature": w.names[:6], "cost": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}), replicates=100
    ),
    lk.survey.MaxDiff: lambda w: lk.survey.maxdiff(
        w.choices,
        respondent="who",
        shown=["place 0", "place 1", "place 2"],
        best="best",
        worst="worst",
        replicates=200,
    ),
    lk.survey.MaxDiffDesign: lambda w: lk.survey.maxdiff_design(w.names[:6], per_task=3, tasks=10),
    lk.survey.Opportunity: lambda w: lk.survey.opportunity(
        w.needs,
        need="feature",
        importance="important",
        satisfaction="satisfied",
        respondent="who",
        by="group",
        replicates=200,
    ),
    lk.survey.SampleSize: lambda w: lk.survey.sample_size(half_width=0.05),
    lk.profit.LiftTable: lambda w: MINIMAL.lift_table(
        VALUES, uncertainty=SPREAD, responses={("price", "conversion"): -1.5}
    ),
    lk.profit.Elasticities: lambda w: MINIMAL.elasticities(VALUES),
    lk.profit.Interactions: lambda w: MINIMAL.interactions(VALUES),
    lk.profit.Tornado: lambda w: MINIMAL.tornado(VALUES, low={"price": 40.0}, high={"price": 60.0}),
    lk.profit.Bottlenecks: lambda w: MINIMAL.bottlenecks(VALUES, norms={"conversion": 0.15}),
    lk.profit.Attribution: lambda w: MINIMAL.attribute(VALUES, LATER),
    lk.profit.SegmentAttribution: lambda w: MINIMAL.attribute_segments(
        w.segments, w.segments.with_columns(price=pl.lit(48.0)), segment="segment"
    ),
    lk.profit.Tree: lambda w: MINIMAL.tree(VALUES),
    lk.profit.BreakEven: lambda w: _cost_formula()[0].break_even(_cost_formula()[1]),
    lk.profit.Plan: lambda w: MINIMAL.plan(
        VALUES, budget=1000.0, effort={"conversion": {"limit": 0.2, "half": 2000.0}}, maximize="revenue"
    ),
    lk.profit.SobolIndices: lambda w: MINIMAL.sobol(VALUES, SPREAD, n=1024),
    lk.profit.Simulation: lambda w: MINIMAL.simulate(VALUES, SPREAD, n=10_000, target=10_000.0),
    lk.profit.Bonus: lambda w: w.kpis.bonus({"close_rate": 0.20, "items": 2.0}),
    lk.profit.Measurement: lambda w: lk.profit.measure(w.ledger, limit_day=60, by="group", replicates=50),
    lk.effect.TestDesign: lambda w: lk.effect.design(w.ledger, weeks=[4, 8], lift=0.2, cost=1000.0, replicates=200),
    lk.effect.Assignment: lambda w: lk.effect.randomise(
        w.tested, unit="unit", strata="group", match_on="before", balance="orders"
    ),
    lk.effect.Holdout: lambda w: lk.effect.holdout(
        w.ledger,
        w.tested.select("customer", "arm", "group", "got", "score"),
        control=w.names[0],
        metrics="spend",
        start="2024-09-01",
        end="2024-12-31",
        every="month",
        segments="group",
        received="got",
        score="score",
        bins=4,
        quantiles=[0.5, 0.9],
    ),
    lk.effect.Monitor: lambda w: lk.effect.monitor(
        pl.DataFrame({"n": [100, 500, 900], "estimate": [2.0, 1.2, 1.1], "std_error": [1.0, 0.4, 0.3]}), planned=1000
    ),
    lk.effect.Liability: lambda w: lk.effect.liability(w.points, point_cost=0.01, expires_after=9, replicates=100),
    lk.effect.Deferral: lambda w: lk.effect.deferral(
        paid=1e5, goods=1e5, points=9500, redeemed=[4500, 4000], expected=[9500, 9700]
    ),
    lk.effect.Synthetic: lambda w: lk.effect.synthetic(
        w.cities, unit="city", time="week", outcome="sales", treated=w.names[0], start=20
    ),
    lk.report.Plan: lambda w: lk.report.plan(w.ledger, limit_day={"horizon": 90}, draws=100),
}


def name_of(kind: type[Result]) -> str:
    """The class with its module: two of them are called Attribution."""
    return f"{kind.__module__.removeprefix('leverkit.')}.{kind.__name__}"


def digest(found: Result) -> str:
    """A fingerprint of all tables of a result, to the last bit."""
    total = hashlib.sha256()
    for name, table in found._tables.items():
        total.update(f"{name}{table.schema}".encode())
        total.update(repr(table.rows()).encode())  # repr of a float tells every bit
    return total.hexdigest()


if __name__ == "__main__":
    world = World()
    for kind, make in MAKERS.items():
        print(name_of(kind), digest(make(world)))
