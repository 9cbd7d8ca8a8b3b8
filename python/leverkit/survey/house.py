"""From needs to the product: weights by pairwise comparisons, and the house of quality."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, names_of, only, polars_of, through
from leverkit._lib.inputs import finite, one_of, repr_of, text_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by, picture_of
from leverkit._lib.text import t
from leverkit._lib.writing import write_text
from leverkit.errors import ParameterError, SchemaError
from leverkit.survey._answers import as_scale

RandomIndex = Literal["saaty", "simulated"]
HouseMethod = Literal["raw", "lyman", "wasserman"]


class Ahp(Result):
    """Weights of items from pairwise comparisons, and how consistent these are.

    Attributes
    ----------
    table : frame
        One row per item, by name: item, weight (principal eigenvector) with lower and upper, geometric (weight by geometric means), rank with rank_lower and
        rank_upper, first (the chance that its weight is the greatest).
    judgements : frame
        One row per comparison, the one that most breaks consistency first: first, second, value, fitted (ratio of the weights), best (what all other comparisons
        imply), consistency_ratio (if the value were the best one). Null where the others imply nothing.
    judges : frame
        One row per judge: judge, comparisons, consistency_ratio, geometric_index, agreement (Spearman's correlation with the group's weights).
    eigenvalue, consistency_index, random_index, consistency_ratio : float
        λmax, (λmax − n) / (n − 1), the index of random judgements, and the ratio of the two. The last two are None if no comparison is implied by others.
    geometric_index : float
        Geometric consistency index (Aguarón & Moreno-Jiménez 2003).
    concordance : tuple of float
        Kendall's W of the judges' weights and the p-value of no agreement; None with fewer than two judges.
    """

    table: Frame
    judgements: Frame
    judges: Frame
    eigenvalue: float
    consistency_index: float
    random_index: float | None
    consistency_ratio: float | None
    geometric_index: float | None
    concordance: tuple[float, float] | None

    @drawn_by("house.ahp")
    def plot(
        self, kind: Literal["weights", "judgements"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "weights" with limits (default), or the "judgements" against the ratios of the weights."""

    def _headline(self) -> str:
        top = self._tables["table"].sort("weight", descending=True).row(0, named=True)
        first = t("{item} weighs most: {weight}", item=top["item"], weight=numbers.percent(top["weight"]))
        if self.consistency_ratio is None:
            return first
        return t("{first}; consistency ratio {ratio:.3f}", first=first, ratio=self.consistency_ratio)


def ahp(
    comparisons: Any,
    *,
    items: Sequence[str] | None = None,
    first: str = "first",
    second: str = "second",
    value: str = "value",
    judge: str | None = None,
    random_index: RandomIndex = "saaty",
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 1,
) -> Ahp:
    """Weighs items by pairwise comparisons: the analytic hierarchy process (Saaty 1977, 1980).

    Not every pair has to be compared, but all items must hang together. Several judges are put together by geometric means (Aczél & Saaty 1983); limits then
    come from a bootstrap over judges. With a single judge they come from the scatter of the comparisons around the weights (Crawford & Williams 1985): they
    tell how consistent the judge is, not how others would judge. Use it for what a survey cannot measure.

    Parameters
    ----------
    comparisons
        A frame with one row per comparison, or a square matrix (rows of numbers) whose cell tells how many times more the row's item matters than the
        column's; None or NaN if a pair was not compared.
    items : list of str, optional
        Names of the rows of a matrix; numbered from 1 without.
    first, second, value, judge : str, optional
        Columns of the frame: the items, how many times more the first matters than the second, and who judged.
    random_index : str
        "saaty" (the table of 1980; simulated if comparisons are missing) or "simulated" (20,000 random matrices).
    level : float
        Confidence level.
    draws, seed : int
        Bootstrap.

    Returns
    -------
    Ahp
        Tables ``table`` (item, weight, lower, upper, geometric, rank, rank_lower, rank_upper, first); ``judgements`` (first, second, value, fitted,
        best, consistency_ratio); ``judges`` (judge, comparisons, consistency_ratio, geometric_index, agreement). Values ``eigenvalue``,
        ``consistency_index``, ``random_index``, ``consistency_ratio``, ``geometric_index``, ``concordance``.

    Raises
    ------
    DataError
        No chain of comparisons ties the items together, or there are fewer than two.
    ParameterError
        A comparison that is not above 0, or not the reciprocal of its reverse.
    SchemaError
        A column is missing, or a matrix is not square.

    Examples
    --------
    >>> import leverkit as lk
    >>> found = lk.survey.ahp([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]], items=["taste", "price", "pack"])
    >>> round(found.table.filter(item="taste")["weight"][0], 6), round(found.eigenvalue, 6)
    (0.636986, 3.038511)
    """
    columns = {"first": first, "second": second, "value": value, "judge": judge}
    params = {
        **columns,
        "random_index": one_of("random_index", random_index, ("saaty", "simulated")),
        "level": level,
        "draws": draws,
        "seed": seed,
    }
    if _is_matrix(comparisons):
        data = _pairs(comparisons, items, (first, second, value))
    else:
        data = only(comparisons, columns.values(), Roles(number=[value]))
    return Ahp(through(_engine.ahp, data, **params), kind_of(comparisons), {**params, "items": items})


def _is_matrix(data: Any) -> bool:
    return (isinstance(data, Sequence) and not isinstance(data, str)) or type(data).__module__.partition(".")[
        0
    ] == "numpy"


def _pairs(matrix: Any, items: Sequence[str] | None, columns: tuple[str, str, str]) -> pl.DataFrame:
    """The cells of a matrix as comparisons; both sides of the diagonal, so that the engine sees whether they are reciprocal."""
    rows = [[None if cell is None else float(cell) for cell in row] for row in matrix]
    names = [str(place + 1) for place in range(len(rows))] if items is None else list(items)
    if any(len(row) != len(rows) for row in rows) or len(names) != len(rows):
        shape = f"{len(rows)} rows of {sorted({len(row) for row in rows})} cells and {len(names)} items"
        raise SchemaError(f"comparisons: got {shape}; expected a square matrix with a name for each row")
    cells = [
        (names[one], names[other], cell)
        for one, row in enumerate(rows)
        for other, cell in enumerate(row)
        if cell == cell and cell is not None
    ]
    return pl.DataFrame(cells, schema=dict(zip(columns, (pl.String, pl.String, pl.Float64), strict=True)), orient="row")


class HouseOfQuality(Result):
    """How characteristics of a product serve needs, and how sure their order is.

    Attributes
    ----------
    table : frame
        One row per characteristic: characteristic, raw, relative (share of all), lyman, wasserman (shares; null without a roof), rank by the chosen method with
        rank_lower and rank_upper, first and top (chances of the first place, and of one of the top places), verdict ("top", "not top", "can't tell"), target,
        difficulty, cost.
    needs : frame
        One row per need: need, weight (share) with lower and upper, current, planned, improvement, sales_point, importance (share with improvement and sales
        point), best_competitor with its best_rating.
    pairs : frame
        One row per pair of characteristics: first (the more important one), second, difference (of importance) with lower and upper, probability that the first
        is more important, verdict ("apart" or "can't tell").
    scales : frame
        The same house on the scales 9-3-1, 5-3-1, 4-2-1 and 3-2-1: scale, characteristic, importance, rank, is_tied.
    relations : frame
        need, characteristic, strength (mean over judges).
    alpha : float
        Krippendorff's alpha of the judges of relations (ordinal); None with one judge.
    """

    table: Frame
    needs: Frame
    pairs: Frame
    scales: Frame
    relations: Frame
    alpha: float | None

    @drawn_by("house.house_of_quality")
    def plot(self, kind: Literal["ranks"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: the "ranks" with limits. `svg` draws the house itself."""

    def svg(self, path: str | Path | None = None) -> str:
        """The house as an SVG picture, roof included; also written to `path` if given."""
        picture: str = picture_of("house.svg")(self)
        if path is not None:
            write_text(path, picture)
        return picture

    def cascade(self, characteristics: Any, relations: Any, *, roof: Any = None) -> HouseOfQuality:
        """The next house, whose needs are the characteristics of this one: weights and their uncertainty carry over.

        Parameters
        ----------
        characteristics, relations, roof
            As `house_of_quality` takes them.

        Returns
        -------
        HouseOfQuality
            Tables ``table`` (characteristic, raw, relative, lyman, wasserman, rank, rank_lower, rank_upper, first, top, verdict, target, difficulty,
            cost); ``needs`` (need, weight, lower, upper, current, planned, improvement, sales_point, importance, best_competitor, best_rating);
            ``pairs`` (first, second, difference, lower, upper, probability, verdict); ``scales`` (scale, characteristic, importance, rank, is_tied);
            ``relations`` (need, characteristic, strength). Values ``alpha``.

        Raises
        ------
        ParameterError
            A name that does not fit, or a strength outside the scale.
        """
        names = self._tables["table"]["characteristic"].to_list()
        parts = _parts(characteristics)
        house = {"characteristics": parts, "relations": _cells(relations, names, parts), "roof": _roof(roof, parts)}
        params = {**self.params, "roof": house["roof"]}
        return HouseOfQuality(self._engine.cascade(house), self._to_native, params)

    def choose(self, budget: float, *, conflict: float = 0.0) -> HouseChoice:
        """The characteristics with the most importance whose costs fit a budget; solved exactly.

        Parameters
        ----------
        budget : float
            Money. Every characteristic needs a cost.
        conflict : float
            Two characteristics whose roof is below minus this are not improved together.

        Returns
        -------
        HouseChoice
            Table ``table`` (characteristic, importance, cost, is_chosen, probability, conflict). Values ``spent``, ``importance``.

        Raises
        ------
        ParameterError
            A characteristic without a cost, or a budget below 0.
        """
        params = {"budget": budget, "conflict": conflict}
        return HouseChoice(
            self._engine.choose(finite("budget", budget), finite("conflict", conflict)), self._to_native, params
        )

    def _headline(self) -> str:
        top = self._tables["table"].sort("rank").row(0, named=True)
        return t(
            "{characteristic} comes first, with a probability of {first}",
            characteristic=top["characteristic"],
            first=numbers.percent(top["first"]),
        )


class HouseChoice(Result):
    """What to improve for a budget.

    Attributes
    ----------
    table : frame
        One row per characteristic: characteristic, importance (share of all), cost (money), is_chosen, probability (the share of drawn houses that would choose
        it), conflict (a chosen characteristic that excludes it).
    spent, importance : float
        Cost (money) and importance (share of all) of the chosen ones.
    """

    table: Frame
    spent: float
    importance: float

    @drawn_by("house.choice")
    def plot(self, kind: Literal["choice"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: the "choice", importance by cost."""

    def _headline(self) -> str:
        return t(
            "{importance} of all importance for {spent}",
            importance=numbers.percent(self.importance),
            spent=numbers.money(self.spent),
        )


def house_of_quality(
    needs: Any,
    characteristics: Any,
    relations: Any,
    roof: Any = None,
    *,
    answers: Any = None,
    respondent: str | None = None,
    weight: str | None = None,
    strata: str | None = None,
    population: float | None = None,
    answer_scale: Mapping[Any, Any] | None = None,
    method: HouseMethod = "raw",
    scale: Iterable[float] = (9, 3, 1),
    top: int = 3,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 1,
) -> HouseOfQuality:
    """The house of quality: how important characteristics of a product are, by the needs that they serve.

    Raw importance is the sum of weights times strengths. Lyman (1990) divides the strengths of each need by their sum; Wasserman (1993) does so after
    carrying them over by the roof. How sure the order is shows in houses that are drawn: respondents anew if there are `answers`; judges anew if there are several, each
    relation a step up or down with chances ¼ and ¼ if there is one; and one of the scales in use.

    Parameters
    ----------
    needs
        A dict of need to weight, a list of names (with `answers`), or a frame: need, weight, and if known current, planned (our rating today and the one aimed at),
        sales_point; every other numeric column is a competitor's rating.
    characteristics
        A list of names, or a frame: characteristic, and if known target, difficulty, cost.
    relations
        A frame: need, characteristic, strength, and judge if there are several; or a matrix of strengths, needs by characteristics.
    roof : frame or matrix, optional
        A frame: first, second, correlation (−1 to 1); or a square matrix.
    answers : frame, optional
        A frame with one row per respondent and one column per need: how much it matters to them, a number of 0 or more, such as a share of preference, or a
        label of importance in English or Russian. Replaces the weights, whose uncertainty is then known.
    respondent, weight, strata : str, optional
        Columns of `answers` with the respondent, their weight, and the stratum in which they were drawn.
    population : float, optional
        Number of people there are to be asked, if they are few.
    answer_scale : dict, optional
        What answers stand for if they are written in another way, such as ``{"A": 5, "B": 3}``.
    method : str
        Which importance decides ranks, cascades and choices: "raw", "lyman" or "wasserman".
    scale : iterable of float
        Strengths that relations can have, the strongest first.
    top : int
        How many places count as the top.
    level : float
        Confidence level.
    draws, seed : int
        Houses drawn.

    Returns
    -------
    HouseOfQuality
        Tables ``table`` (characteristic, raw, relative, lyman, wasserman, rank, rank_lower, rank_upper, first, top, verdict, target, difficulty,
        cost); ``needs`` (need, weight, lower, upper, current, planned, improvement, sales_point, importance, best_competitor, best_rating);
        ``pairs`` (first, second, difference, lower, upper, probability, verdict); ``scales`` (scale, characteristic, importance, rank, is_tied);
        ``relations`` (need, characteristic, strength). Values ``alpha``.

    Raises
    ------
    DataError
        The roof leaves a need with a sum of 0 or less (with "wasserman"), or no relation is left.
    ParameterError
        A name that does not fit, a strength outside the scale, a weight below 0.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk
    >>> house = lk.survey.house_of_quality({"fast": 5, "quiet": 3, "cheap": 2}, ["engine", "hull", "paint"],
    ...                                    [[9, 3, 0], [3, 9, 0], [0, 1, 3]])
    >>> house.table["raw"].round(2).to_list()
    [5.4, 4.4, 0.6]
    """
    params = {
        "method": one_of("method", method, ("raw", "lyman", "wasserman")),
        "scale": [finite("scale", strength) for strength in scale],
        "top": top,
        "level": level,
        "draws": draws,
        "seed": seed,
    }
    rows, parts = _needs(needs), _parts(characteristics)
    names = [row["name"] for row in rows]
    house: dict[str, Any] = {
        "needs": rows,
        "characteristics": parts,
        "relations": _cells(relations, names, parts),
        "roof": _roof(roof, parts),
    }
    if answers is None:
        found = _engine.house_of_quality(house, **params)
    else:
        asked = {
            "respondent": respondent,
            "weight": weight,
            "strata": strata,
            "population": population,
            "scale": as_scale(answer_scale),
        }
        data = only(answers, [*names, respondent, weight, strata], Roles(found=names, number=[weight]))
        found = through(lambda table: _engine.answered_house(table, house, asked, **params), data)
    native = kind_of(relations) if hasattr(relations, "columns") else kind_of(needs)
    return HouseOfQuality(found, native, {**params, "roof": house["roof"]})


def _table(data: Any, role: str, needed: Sequence[str]) -> pl.DataFrame:
    frame = polars_of(data, Roles(found=names_of(data)))
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise SchemaError(f"{role}: there is no column {missing[0]!r}; the columns are {', '.join(frame.columns)}")
    return frame


def _is_list(data: Any) -> bool:
    return isinstance(data, (list, tuple))


def _numbers(role: str, row: Mapping[str, Any], names: Iterable[str]) -> dict[str, float | None]:
    """The numbers of a row that are known; an error names what is none."""
    found = {}
    for name in names:
        value = row.get(name)
        try:
            found[name] = None if value is None or value != value else float(value)
        except (TypeError, ValueError, OverflowError):
            raise ParameterError(f"{role}: {name}: got {repr_of(value)}; expected a number", parameter=role) from None
    return found


def _needs(needs: Any) -> list[dict[str, Any]]:
    if isinstance(needs, Mapping) and all(not _is_list(weight) for weight in needs.values()):
        return [
            {"name": text_of(name), **_numbers("needs", {"weight": weight}, ["weight"])}
            for name, weight in needs.items()
        ]
    if _is_list(needs):
        return [{"name": text_of(name)} for name in needs]
    frame = _table(needs, "needs", ["need"])
    own = ("need", "weight", "current", "planned", "sales_point")
    others = [name for name, dtype in frame.schema.items() if name not in own and dtype.is_numeric()]
    rows = []
    for row in frame.iter_rows(named=True):
        known = _numbers("needs", row, (*own[1:], *others))
        ratings = [(name, known[name]) for name in others if known[name] is not None]
        rows.append(
            {
                "name": str(row["need"]),
                "weight": known["weight"],
                "current": known["current"],
                "target": known["planned"],
                "sales_point": known["sales_point"],
                "competitors": ratings,
            }
        )
    return rows


def _parts(characteristics: Any) -> list[dict[str, Any]]:
    if _is_list(characteristics):
        return [{"name": text_of(name)} for name in characteristics]
    rows = _table(characteristics, "characteristics", ["characteristic"]).iter_rows(named=True)
    return [
        {
            "name": str(row["characteristic"]),
            "target": None if row.get("target") is None else str(row["target"]),
            **_numbers("characteristics", row, ("difficulty", "cost")),
        }
        for row in rows
    ]


def _cells(relations: Any, needs: list[str], parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [part["name"] for part in parts]
    if _is_matrix(relations):
        return [
            {"need": need, "characteristic": name, "strength": strength or 0.0}
            for need, name, strength in _grid("relations", relations, needs, names)
        ]
    frame = _table(relations, "relations", ["need", "characteristic", "strength"])
    return [
        {
            "need": str(row["need"]),
            "characteristic": str(row["characteristic"]),
            "strength": _numbers("relations", row, ["strength"])["strength"] or 0.0,
            "judge": None if row.get("judge") is None else str(row["judge"]),
        }
        for row in frame.iter_rows(named=True)
    ]


def _roof(roof: Any, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if roof is None:
        return []
    names = [part["name"] for part in parts]
    if _is_matrix(roof):
        cells = [cell for cell in _grid("roof", roof, names, names) if cell[0] != cell[1] and cell[2]]
    else:
        frame = _table(roof, "roof", ["first", "second", "correlation"])
        cells = [
            (str(row["first"]), str(row["second"]), _numbers("roof", row, ["correlation"])["correlation"])
            for row in frame.iter_rows(named=True)
        ]
    return [{"first": one, "second": other, "correlation": number or 0.0} for one, other, number in cells]


def _grid(role: str, matrix: Any, rows: list[str], columns: list[str]) -> list[tuple[str, str, float | None]]:
    cells = [list(row) for row in matrix]
    if len(cells) != len(rows) or any(len(row) != len(columns) for row in cells):
        shape = f"{len(cells)} × {sorted({len(row) for row in cells})}"
        raise SchemaError(f"{role}: got a matrix of {shape}; expected {len(rows)} × {len(columns)}")
    return [
        (row, column, _numbers(role, {column: cell}, [column])[column])
        for row, line in zip(rows, cells, strict=True)
        for column, cell in zip(columns, line, strict=True)
    ]
