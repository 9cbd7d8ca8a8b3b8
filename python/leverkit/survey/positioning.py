"""Where brands stand: their image beyond their size, and maps that show no more than there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import Columns, finite, names, one_of, pairs, text_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.survey._answers import as_scale

Scheme = Literal["est", "rdb"]
PositionMeasure = Literal["mean", "top"]
ScalingMethod = Literal["smacof", "classical"]

#: Dimensions of Ander & Stern (2004), and those of resonance, differentiation and belief.
SCHEMES: dict[str, tuple[str, ...]] = {
    "est": ("cheap", "big", "hot", "easy", "quick"),
    "rdb": ("resonance", "differentiation", "belief"),
}


class Image(Result):
    """What respondents say of brands, beyond how often a brand or a statement is named at all.

    Attributes
    ----------
    table : frame
        One row per brand and attribute: brand, attribute, picks (respondents who said so, weighted), share (of all respondents), deviation (points of respondents above
        what the sums of brand and attribute make expected) with lower and upper, p_value, q_value, verdict ("strength", "weakness", "can't tell").
    map : frame
        One row per point: kind ("brand", "attribute", or "supplementary" for brands that are only shown), name, x, y (principal coordinates), sd_x, sd_y, correlation (over bootstrap samples), mass, inertia (share of all),
        quality (the share of its distance from the centre that the map shows).
    axes : frame
        axis, inertia, share, p_value.
    moves : frame or None
        One row per brand: brand, from_x, from_y, to_x, to_y, sd_x, sd_y, correlation (of the movement), p_value, verdict ("moved", "can't tell"). None without waves.
    n : int
        Number of respondents.
    inertia, map_p_value : float
        Total inertia, and the chance of as much if brands and attributes had nothing to do with one another.
    """

    table: Frame
    map: Frame
    axes: Frame
    moves: Frame | None
    n: int
    inertia: float
    map_p_value: float

    @drawn_by("positioning.image")
    def plot(
        self, kind: Literal["cells", "map", "biplot"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "cells" (default), the "map" with ellipses, or a "biplot" of brands with attributes as arrows, the longer the more they form the map; both say so if they show no more than chance."""

    def _headline(self) -> str:
        found = self._tables["table"]
        told = found.filter(found["verdict"] != "can't tell").height
        return t(
            "{n} respondents: {told} of {cells} statements differ from chance",
            n=numbers.count(self.n),
            told=told,
            cells=found.height,
        )


def image(
    answers: Any,
    *,
    respondent: str,
    brand: str,
    attribute: str,
    picked: str | None = None,
    weight: str | None = None,
    strata: str | None = None,
    population: float | None = None,
    scale: Mapping[Any, Any] | None = None,
    wave: str | None = None,
    supplementary: Columns = (),
    fdr: float = 0.05,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 1,
) -> Image:
    """The image of brands: usage-corrected deviations (Romaniuk & Sharp 2000) with errors of respondents, and a map.

    A large brand is ticked more everywhere, and some statements fit every brand. Expected is the brand's sum × the attribute's sum / all ticks. Respondents tick many boxes, so
    errors come from a bootstrap over respondents and not from χ². The map is a correspondence analysis; its ellipses are of the bootstrap, each sample turned onto the map. Whether it shows more than chance
    is tested by dealing each respondent's attributes anew to the brands that they ticked.

    Parameters
    ----------
    answers
        A frame with one row per ticked box; with `picked`, one row per box that could be ticked.
    respondent, brand, attribute : str
        Columns with the respondent, the brand, and what it was said to be.
    picked : str, optional
        Column that says whether the box was ticked: true or false, 1 or 0, or yes or no in English or Russian; "don't know" is no answer. Without it, respondents who
        ticked nothing are not known.
    weight, strata : str, optional
        Columns with the respondent's weight, and the stratum in which they were drawn.
    population : float, optional
        Number of people there are to be asked, if they are few.
    scale : dict, optional
        What ticks stand for if they are written in another way, such as ``{"x": "yes", "-": "no"}``.
    wave : str, optional
        Column with one of two waves: `moves` then tells how brands moved.
    supplementary : str or list of str
        Brands that are shown on the map, such as an ideal one; they form neither the map nor what is expected, and are in no other table.
    fdr : float
        Share of false discoveries among cells (Benjamini & Hochberg 1995).
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap samples and permutations.

    Returns
    -------
    Image
        Tables ``table`` (brand, attribute, picks, share, deviation, lower, upper, p_value, q_value, verdict); ``map`` (kind, name, x, y, sd_x, sd_y,
        correlation, mass, inertia, quality); ``axes`` (axis, inertia, share, p_value); ``moves`` (brand, from_x, from_y, to_x, to_y, sd_x, sd_y,
        correlation, p_value, verdict). Values ``n``, ``inertia``, ``map_p_value``.

    Raises
    ------
    DataError
        No tick is left, or fewer than two brands or attributes.
    ParameterError
        A flag that is none, or not two waves.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> rows = [(who, brand, "fresh" if (brand == "a") == (who % 5 > 0) else "cheap") for who in range(60) for brand in "ab"]
    >>> found = lk.survey.image(pl.DataFrame(rows, schema=["who", "brand", "says"], orient="row"), respondent="who", brand="brand", attribute="says")
    >>> found.table.filter(brand="a")["verdict"].to_list()
    ['weakness', 'strength']
    """
    columns = {
        "respondent": respondent,
        "brand": brand,
        "attribute": attribute,
        "picked": picked,
        "weight": weight,
        "strata": strata,
        "wave": wave,
    }
    params = {
        **columns,
        "supplementary": names(supplementary),
        "population": population,
        "scale": as_scale(scale),
        "fdr": fdr,
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    data = only(answers, columns.values(), Roles(found=[picked], number=[weight]))
    found = through(_engine.image, data, **params)
    return Image(found, kind_of(answers), params, without=() if wave else ("moves",))


class Correspondence(Result):
    """A map of a table of counts.

    Attributes
    ----------
    table : frame
        One row per point: kind ("row", "column" or "supplementary"), name, x, y (principal coordinates), sd_x, sd_y, correlation (over bootstrap samples; null for
        supplementary points), mass, inertia (share of all), quality.
    axes : frame
        axis, inertia, share, p_value (by permutation).
    cells : frame
        row, column, count, expected, residual (adjusted, standard normal if rows and columns have nothing to do with one another), p_value, q_value.
    n, inertia, chi_squared, df, p_value : float
        All counts, total inertia, n × inertia, its degrees of freedom, and its p-value.
    map_p_value : float
        The chance of as much inertia, by permutation.
    """

    table: Frame
    axes: Frame
    cells: Frame
    n: float
    inertia: float
    chi_squared: float
    df: float
    p_value: float
    map_p_value: float

    @drawn_by("positioning.correspondence")
    def plot(
        self, kind: Literal["map", "biplot", "cells"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "map" with ellipses (default), a "biplot" of rows with columns as arrows, the longer the more they form the map, or the "cells"; maps say so if they show no more than chance."""

    def _headline(self) -> str:
        return t("{n} counts; χ² {chi:.2f}, p {p:.3f}", n=numbers.count(self.n), chi=self.chi_squared, p=self.p_value)


def correspondence(
    counts: Any,
    *,
    row: str,
    column: str,
    count: str | None = None,
    supplementary: Columns = (),
    replicates: int = 1000,
    seed: int = 1,
) -> Correspondence:
    """Correspondence analysis of a table in which everybody counts once (Benzécri 1973; Greenacre 1984).

    Parameters
    ----------
    counts
        A frame with one row per cell, or one row per person without `count`.
    row, column : str
        Columns with the names of rows and columns of the table.
    count : str, optional
        Column with whole numbers.
    supplementary : str or list of str
        Rows that are shown and do not form the map.
    replicates, seed : int
        Bootstrap samples and permutations.

    Returns
    -------
    Correspondence
        Tables ``table`` (kind, name, x, y, sd_x, sd_y, correlation, mass, inertia, quality); ``axes`` (axis, inertia, share, p_value); ``cells``
        (row, column, count, expected, residual, p_value, q_value). Values ``n``, ``inertia``, ``chi_squared``, ``df``, ``p_value``,
        ``map_p_value``.

    Raises
    ------
    DataError
        Nothing is left, or fewer than two rows or columns.
    ParameterError
        A count that is no whole number of 0 or more.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> counts = pl.DataFrame({"group": ["a", "a", "b", "b"], "says": ["x", "y", "x", "y"], "n": [30, 10, 10, 30]})
    >>> found = lk.survey.correspondence(counts, row="group", column="says", count="n")
    >>> round(found.inertia, 6), round(found.chi_squared, 6)
    (0.25, 20.0)
    """
    params = {
        "row": row,
        "column": column,
        "count": count,
        "supplementary": names(supplementary),
        "replicates": replicates,
        "seed": seed,
    }
    data = only(counts, [row, column, count], Roles(number=[count]))
    return Correspondence(through(_engine.correspondence, data, **params), kind_of(counts), params)


class Position(Result):
    """Where brands stand on dimensions: who is best at what, who at nothing, and what is nobody's.

    Attributes
    ----------
    table : frame
        One row per brand and block: brand, block, n, score (mean, or share at the top) with lower and upper, best (the chance that it is best), gap (to the best of the
        others) with gap_lower and gap_upper, which hold for all rows at once, verdict ("best", "not best", "can't tell").
    brands : frame
        One row per brand: brand, best_on (blocks on which it is best for sure), best_on_none (the chance), bottleneck (the block that lies lowest against the mean of all brands) with its
        probability, verdict ("best at something", "black hole", "can't tell").
    spaces : frame
        One row per block: block, importance, leader, best (the chance that the leader is best), verdict ("taken", "free").
    map : frame
        The biplot of scores (Gabriel 1971), one row per point: kind ("brand" or "block"), name, x, y (of brands such that distances are differences of scores; of blocks a direction, and a brand
        times a direction is the brand's score less the mean of all), sd_x, sd_y, correlation (over bootstrap samples), mass, inertia (share of all), quality (the share that two axes show). Empty
        where all brands have the same scores.
    axes : frame
        axis, inertia (mean squared distance to the middle), share, p_value.
    funnel : frame or None
        One row per brand and step: brand, step (the blocks so far), n, share at the top of all of them with lower and upper (Wilson). None for "est" and own blocks without `funnel`.
    rivals : frame or None
        One row per pair of brands and block: brand, rival, block, only_brand, only_rival (respondents at the top for one alone), p_value (McNemar's exact test; with weights or strata, that of the weighted difference), q_value, verdict
        ("ahead", "behind", "can't tell"). None with means.
    drivers : frame or None
        One row per block: block, estimate (log odds of choice per point, the other blocks held) with std_error, lower, upper, p_value, worth (points of choice per point) with worth_lower and
        worth_upper, share (of McFadden's R², by Shapley), reason. None without choice.
    facts : frame or None
        One row per fact: block, brand, fact (more is better), fact_rank, score, score_rank, best (the chance that it is best in the eyes of respondents), verdict ("earned": best in fact and
        in their eyes; "unearned": in their eyes only; "unnoticed": in fact only; "not best"; "can't tell"). None without `facts`.
    n : int
        Number of respondents.
    map_p_value : float or None
        The chance of brands as different where answers have nothing to do with brands, by permutation. None without a map.
    """

    table: Frame
    brands: Frame
    spaces: Frame
    map: Frame
    axes: Frame
    funnel: Frame | None
    rivals: Frame | None
    drivers: Frame | None
    facts: Frame | None
    n: int
    map_p_value: float | None

    @drawn_by("positioning.position")
    def plot(
        self,
        kind: Literal["scores", "gaps", "map", "facts"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the "scores" of brands with limits (default), the "gaps" to the best of the others, the "map" of brands with dimensions as arrows, or their places in "facts" and in people's eyes."""

    def _headline(self) -> str:
        best = self._tables["brands"].filter(self._tables["brands"]["verdict"] == "best at something")
        free = self._tables["spaces"].filter(self._tables["spaces"]["verdict"] == "free")
        return t(
            "{sure} of {brands} brands are best at something; {free} of {blocks} dimensions are free",
            sure=best.height,
            brands=self._tables["brands"].height,
            free=free.height,
            blocks=self._tables["spaces"].height,
        )


def position(
    answers: Any,
    *,
    respondent: str,
    brand: str,
    statement: str,
    value: str,
    weight: str | None = None,
    strata: str | None = None,
    population: float | None = None,
    scale: Mapping[Any, Any] | None = None,
    scheme: Scheme | Mapping[str, str | Sequence[str]] = "est",
    measure: PositionMeasure | None = None,
    top: float = 4.0,
    funnel: bool | None = None,
    importance: Mapping[str, float] | None = None,
    choice: str | None = None,
    facts: Mapping[str, Mapping[str, float]] | None = None,
    fdr: float = 0.05,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 1,
) -> Position:
    """Places brands on dimensions: "est", "rdb", or your own blocks of statements.

    "est" (Ander & Stern 2004) asks who is cheapest, biggest, hottest, easiest and quickest, by mean ratings; a retailer that is best at nothing lies in the black hole. "rdb" asks for
    resonance (I know what it gives me and need it), differentiation (it differs from others in what I care for) and belief (I believe they do it), by the share of respondents at the
    top, with the funnel R → R∧D → R∧D∧B. No formal method of RDB is published; this one is leverkit's. Whether a brand is best is the share of bootstrap samples of respondents in
    which it is; verdicts need 0.9. The map of all scores (a biplot, Gabriel 1971) is tested by dealing each respondent's answers anew to the brands that they answered for.

    Parameters
    ----------
    answers
        A frame with one row per respondent, brand and statement.
    respondent, brand, statement, value : str
        Columns: who answered, of which brand, to which statement, and the answer: a rating, 1 and 0, or labels of agreement or of yes and no in English or Russian;
        "don't know" is no answer.
    weight, strata : str, optional
        Columns with the respondent's weight, and the stratum in which they were drawn.
    population : float, optional
        Number of people there are to be asked, if they are few.
    scale : dict, optional
        What answers stand for if they are written in another way, such as ``{"++": "strongly agree", "+": "agree"}``.
    scheme : str or dict
        "est" or "rdb", whose dimensions are then the statements' names; or a dict of block to one or more statements.
    measure : str, optional
        "mean" of the answers, or "top": the share of respondents whose mean answer reaches `top`. By default "top" for "rdb", otherwise "mean".
    top : float
        From this answer on, a respondent counts: 4 of 5, or 1 for yes.
    funnel : bool, optional
        Whether blocks are steps, each wanting those before; by default for "rdb" only.
    importance : dict of str to float, optional
        How much each block matters, such as shares of preference by MaxDiff.
    choice : str, optional
        Column of flags: whether the respondent chose the brand, or would; blocks are then held against it.
    facts : dict of str to dict, optional
        What was measured of brands on a block, more being better: ``{"cheap": {"Alba": 1.04, "Bora": 0.97}}``, such as their price level turned around (`leverkit.pricing.position`), the
        products they have, or days of delivery with a minus. Scores are held against them.
    fdr : float
        Share of false discoveries among pairs of brands.
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap over respondents.

    Returns
    -------
    Position
        Tables ``table`` (brand, block, n, score, lower, upper, best, gap, gap_lower, gap_upper, verdict); ``brands`` (brand, best_on,
        best_on_none, bottleneck, probability, verdict); ``spaces`` (block, importance, leader, best, verdict); ``map`` (kind, name, x, y, sd_x, sd_y,
        correlation, mass, inertia, quality); ``axes`` (axis, inertia, share, p_value); ``funnel`` (brand, step, n, share, lower, upper); ``rivals`` (brand, rival, block, only_brand, only_rival, p_value, q_value, verdict); ``drivers`` (block, estimate,
        std_error, lower, upper, p_value, worth, worth_lower, worth_upper, share, reason); ``facts`` (block, brand, fact, fact_rank, score, score_rank,
        best, verdict). Values ``n``, ``map_p_value``.

    Raises
    ------
    DataError
        No answer is left, a single brand, or a brand without an answer to a block.
    ParameterError
        A statement or brand that the answers do not have, or a fact that is no number.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> rows = [(who, brand, says, 5 if (brand == "a") == (says == "cheap") else 2 + who % 3)
    ...         for who in range(40) for brand in "ab" for says in ("cheap", "quick")]
    >>> found = lk.survey.position(pl.DataFrame(rows, schema=["who", "brand", "says", "rating"], orient="row"), respondent="who", brand="brand",
    ...                            statement="says", value="rating", scheme={"cheap": "cheap", "quick": "quick"})
    >>> found.brands["best_on"].to_list()
    ['cheap', 'quick']
    """
    if isinstance(scheme, str):
        blocks: dict[str, list[str]] = {name: [name] for name in SCHEMES[one_of("scheme", scheme, SCHEMES)]}
    else:
        blocks = {name: names(statements) for name, statements in pairs("scheme", scheme)}
    weights = dict(pairs("importance", importance))
    for name in weights:
        one_of("importance", name, blocks)
    measured = [
        {"block": one_of("facts", block, blocks), "brand": text_of(name), "value": finite("facts", fact)}
        for block, by_brand in pairs("facts", facts)
        for name, fact in pairs("facts", by_brand)
    ]
    is_rdb = scheme == "rdb"
    params = {
        "respondent": respondent,
        "brand": brand,
        "statement": statement,
        "value": value,
        "weight": weight,
        "strata": strata,
        "population": population,
        "scale": as_scale(scale),
        "blocks": [{"name": name, "statements": of, "importance": weights.get(name)} for name, of in blocks.items()],
        "measure": one_of("measure", measure or ("top" if is_rdb else "mean"), ("mean", "top")),
        "top": top,
        "funnel": is_rdb if funnel is None else funnel,
        "choice": choice,
        "facts": measured,
        "fdr": fdr,
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    columns = [respondent, brand, statement, value, weight, strata, choice]
    data = only(answers, columns, Roles(found=[value, choice], number=[weight]))
    found = through(_engine.brand_position, data, **params)
    has = {
        "funnel": params["funnel"],
        "rivals": params["measure"] == "top",
        "drivers": choice is not None,
        "facts": bool(measured),
    }
    return Position(found, kind_of(answers), params, without=[name for name, is_there in has.items() if not is_there])


class Similarity(Result):
    """A map of what people find alike.

    Attributes
    ----------
    table : frame
        One row per item: item, x, y (distances are in units of the answers), sd_x, sd_y, correlation (over bootstrap samples; null for a single respondent), error (its share of all squared errors;
        null where nothing is off).
    pairs : frame
        One row per pair: one, other, n (respondents who compared them), dissimilarity (how far their answers are from `same`, on average) with lower and upper, distance (on the map).
    fits : frame
        dimensions, stress: how well one to five dimensions fit.
    n : int
        Number of respondents.
    stress : float
        The root of Σ(dissimilarity − distance)² / Σ dissimilarity² of the map.
    p_value : float
        The chance of as low a stress where answers have nothing to do with pairs, by permutation.
    """

    table: Frame
    pairs: Frame
    fits: Frame
    n: int
    stress: float
    p_value: float

    @drawn_by("positioning.similarity")
    def plot(
        self, kind: Literal["map", "fit"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "map" with ellipses (default), which says so if it shows no more than chance, or its "fit": distances beside dissimilarities (Shepard's diagram)."""

    def _headline(self) -> str:
        return t(
            "{n} respondents, {items} items; stress {stress:.3f}, p {p:.3f}",
            n=numbers.count(self.n),
            items=self._tables["table"].height,
            stress=self.stress,
            p=self.p_value,
        )


def similarity(
    answers: Any,
    *,
    respondent: str,
    one: str,
    other: str,
    value: str,
    same: float,
    weight: str | None = None,
    strata: str | None = None,
    population: float | None = None,
    scale: Mapping[Any, Any] | None = None,
    method: ScalingMethod = "smacof",
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 1,
) -> Similarity:
    """A map of what people find alike, by pairs that they compared: multidimensional scaling.

    Distances on the map are as near as can be to the mean dissimilarities: by the lowest stress ("smacof": de Leeuw 1977, Borg & Groenen 2005, from the classical solution and eight random starts), or by
    eigenvectors of the doubly centred squares ("classical": Torgerson 1952). Ellipses come from a bootstrap over respondents, each sample turned onto the map. A map always shows something; whether
    it shows more than chance is tested by dealing each respondent's answers anew to the pairs that they compared (Mair, Borg & Rusch 2016).

    Parameters
    ----------
    answers
        A frame with one row per respondent and pair. A pair answered twice by a respondent, in either order, counts once, by its mean.
    respondent, one, other, value : str
        Columns: who answered, the two items, and how alike or unlike they are: a number, or a label that `scale` explains.
    same : float
        The answer that means "the same": the lowest of a scale of unlikeness, the highest of one of likeness. Dissimilarity is the distance to it.
    weight, strata : str, optional
        Columns with the respondent's weight, and the stratum in which they were drawn.
    population : float, optional
        Number of people there are to be asked, if they are few.
    scale : dict, optional
        What answers stand for if they are written in words, such as ``{"very alike": 1, "alike": 2, "unlike": 3}``.
    method : str
        "smacof" or "classical".
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap samples and permutations.

    Returns
    -------
    Similarity
        Tables ``table`` (item, x, y, sd_x, sd_y, correlation, error); ``pairs`` (one, other, n, dissimilarity, lower, upper, distance); ``fits``
        (dimensions, stress). Values ``n``, ``stress``, ``p_value``.

    Raises
    ------
    DataError
        No answer is left, fewer than three or more than a hundred items, a pair that nobody compared, or all pairs the same.
    ParameterError
        Answers on both sides of `same`, or an item beside itself.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> unlike = {("tea", "coffee"): 2, ("tea", "soup"): 8, ("coffee", "soup"): 8}
    >>> rows = [(who, one, other, answer) for who in range(40) for (one, other), answer in unlike.items()]
    >>> found = lk.survey.similarity(pl.DataFrame(rows, schema=["who", "one", "other", "unlike"], orient="row"), respondent="who", one="one", other="other",
    ...                              value="unlike", same=1)
    >>> found.pairs.select("one", "other", "dissimilarity").rows()
    [('coffee', 'soup', 7.0), ('coffee', 'tea', 1.0), ('soup', 'tea', 7.0)]
    """
    columns = {"respondent": respondent, "one": one, "other": other, "value": value, "weight": weight, "strata": strata}
    params = {
        **columns,
        "same": finite("same", same),
        "population": population,
        "scale": as_scale(scale),
        "method": one_of("method", method, ("smacof", "classical")),
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    data = only(answers, columns.values(), Roles(found=[value], number=[weight]))
    return Similarity(through(_engine.similarity, data, **params), kind_of(answers), params)
