"""The gallery: a picture of every kind of figure, beside the call that draws it; writes docs/gallery.md and docs/images/gallery.

The calls are those of the suite's results (`python/tests/results.py`), on the shop that comes with the package where a ledger will do.
"""

from __future__ import annotations

import ast
import base64
import datetime as dt
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import plotly
import polars as pl

import leverkit as lk
from leverkit._lib.result import Result

sys.path.insert(0, "python/tests")

import results
from browser import Page, browser

PAGE, FOLDER = Path("docs/gallery.md"), Path("docs/images/gallery")
WIDTH, HEIGHT = 900, 480
#: Chapters by the module of a result, in the order of the page: title, and what things are called in it.
SHOPS = ("Alto", "Brio", "Corso", "Duomo", "Estate", "Fiore", "Giardino", "Isola")
STAGES = ("visit", "basket", "address", "payment", "search", "mail", "shop", "partner")
CHAPTERS = {
    "rfm": ("RFM", SHOPS),
    "clv": ("Lifetime value", SHOPS),
    "funnel": ("Funnels", STAGES),
    "pricing": ("Pricing", SHOPS),
    "survey": ("Surveys", SHOPS),
    "profit": ("The profit formula", SHOPS),
    "effect": ("Effects", SHOPS),
    "plan": ("The plan", SHOPS),
}


class Shop(results.World):
    """The suite's data, but with names of a shop, and with the lines of the one that comes with the package."""

    @property
    def group_names(self) -> Sequence[str]:
        return ("online", "in store")

    @cached_property
    def ledger(self) -> lk.Ledger:
        # Two years later, which is when everything else happens.
        later = pl.col("ordered_at") + pl.duration(days=(results.START - dt.date(2022, 1, 1)).days)
        return lk.Ledger(
            lk.datasets.shop().with_columns(later, group="channel"),
            customer="client",
            time="ordered_at",
            amount="paid",
            order="order",
            product="product",
            quantity="quantity",
            list_price="list_price",
            unit_cost="unit_cost",
            dimensions=["group", "rep", "category"],
        )


WORLDS = {name: Shop(names=names) for name, (_, names) in CHAPTERS.items()}
#: What the suite's constants are called on the page; its first day is the day of the shop's first line.
VARIABLES = {
    "MINIMAL": "formula",
    "VALUES": "values",
    "LATER": "values_later",
    "SPREAD": "uncertainty",
    "START": "ledger.start",
}
NOT_RUN = "<!-- not run: on data of the gallery's own, by `make gallery` -->"
HEAD = """# Gallery

Every kind of figure, beside the call that draws it. `make gallery` draws them: analyses of a ledger on the [shop](reference/datasets.md) that comes with the package, the others
on small made-up tables. Every figure takes `title=` and `template=`, and is drawn with Plotly: on a page of your own it can be zoomed, and tells its numbers under the mouse.
"""


def chapter(kind: type[Result]) -> str:
    """The chapter that a result belongs to: its package."""
    return kind.__module__.removeprefix("leverkit.").split(".")[0].lstrip("_")


def kinds(name: str) -> list[type[Result]]:
    """The results of a chapter that can be drawn."""
    return [kind for kind in results.MAKERS if kind.plot.kinds and chapter(kind) == name]


def picture(kind: type[Result], figure: str) -> Path:
    """The file of a figure."""
    return FOLDER / f"{chapter(kind)}-{kind.__name__}-{figure}.webp".lower()


class _Told(ast.NodeTransformer):
    """A maker's code as a reader would write it: the world's properties are variables, and its names are the words they stand for."""

    def __init__(self, world: Shop) -> None:
        self.scope = {"names": world.names, "group_names": world.group_names, "list": list}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(VARIABLES[node.id], mode="eval").body if node.id in VARIABLES else node

    def visit_keyword(self, node: ast.keyword) -> list[ast.keyword]:
        """Keywords that the suite shares are written out."""
        shared = getattr(results, node.value.id) if node.arg is None and isinstance(node.value, ast.Name) else None
        if shared is None:
            return [ast.keyword(node.arg, self.visit(node.value))]
        return [ast.keyword(name, ast.Constant(value)) for name, value in shared.items()]

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        of_world = isinstance(node.value, ast.Name) and node.value.id in ("w", "self")
        return ast.Name(node.attr) if of_world else self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        shown = super().generic_visit(node)
        used = {part.id for part in ast.walk(shown) if isinstance(part, ast.Name)}
        if not isinstance(shown, ast.Subscript | ast.Call) or not used or not used <= self.scope.keys():
            return shown
        return ast.parse(repr(eval(ast.unparse(shown), self.scope)), mode="eval").body


def _sources() -> tuple[dict[type[Result], ast.expr], dict[str, ast.expr]]:
    """The code of the suite's makers, and what the properties of its world return."""
    makers, properties = {}, {}
    for node in ast.walk(ast.parse(Path(results.__file__).read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.AnnAssign)
            and ast.unparse(node.target) == "MAKERS"
            and isinstance(node.value, ast.Dict)
        ):
            for key, maker in zip(node.value.keys, node.value.values, strict=True):
                if key and isinstance(maker, ast.Lambda):
                    makers[eval(ast.unparse(key), {"lk": lk})] = maker.body
        if isinstance(node, ast.FunctionDef) and isinstance(node.body[-1], ast.Return) and node.body[-1].value:
            properties[node.name] = node.body[-1].value
    return makers, properties


def call(kind: type[Result], world: Shop) -> str:
    """The call that makes a result."""
    makers, properties = _sources()
    if kind not in makers:  # an analysis that needs nothing but a ledger
        (analysis,) = results.MAKERS[kind].__defaults__ or ()
        return f"lk.{chapter(kind)}.{analysis.__name__}(ledger)"
    code = makers[kind]
    if isinstance(code, ast.Attribute):
        code = properties[code.attr]
    if kind is lk.profit.BreakEven:  # the formula and its values come out of one function
        return "formula.break_even(values)"
    return ast.unparse(_Told(world).visit(code))


def entry(kind: type[Result], world: Shop) -> str:
    """A result on the page: its call, and a picture of each of its figures."""
    code = ruff(f"found = {call(kind, world)}")
    summary = (kind.__doc__ or "").strip().partition("\n")[0]
    shown = "".join(
        f'\n`found.plot("{figure}")`\n\n![{kind.__name__}, {figure}]({picture(kind, figure).relative_to(PAGE.parent)})\n'
        for figure in kind.plot.kinds
    )
    return f"### {kind.__name__}\n\n{summary}\n\n{NOT_RUN}\n```python\n{code}```\n{shown}"


def ruff(code: str) -> str:
    """Code in lines that a reader's screen has room for."""
    command = [str(Path(sys.executable).with_name("ruff")), "format", "--isolated", "--line-length", "100", "-"]
    return subprocess.run(command, input=code, capture_output=True, text=True, check=True).stdout


def page() -> str:
    """docs/gallery.md."""
    parts = [HEAD]
    for name, (title, _) in CHAPTERS.items():
        parts.append(f"## {title}\n\nWith every parameter and column: the [reference](reference/{name}.md).\n")
        parts += [entry(kind, WORLDS[name]) for kind in kinds(name)]
    return "\n".join(parts)


def draw(tab: Page, figure: Any, file: Path) -> None:
    """Takes a picture of a figure."""
    height = figure.layout.height or HEIGHT
    figure.update_layout(width=WIDTH, height=height)
    figure = {**json.loads(figure.to_json()), "config": {"staticPlot": True}}
    tab.run(f"Plotly.newPlot('figure', {json.dumps(figure)}).then(() => true)")
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1}
    shot = tab.call("Page.captureScreenshot", format="webp", quality=80, captureBeyondViewport=True, clip=clip)
    file.write_bytes(base64.b64decode(shot["data"]))


def take() -> None:
    """Takes all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    library = Path(plotly.__file__).parent / "package_data/plotly.min.js"
    with tempfile.TemporaryDirectory() as folder, browser() as tab:
        blank = Path(folder) / "blank.html"
        script = f"<script src='{library.as_uri()}'></script>"
        blank.write_text(f"<body style='margin:0'>{script}<div id='figure'></div></body>", encoding="utf-8")
        tab.open(blank)
        for name in CHAPTERS:
            for kind in kinds(name):
                found = results.MAKERS[kind](WORLDS[name])
                for figure in kind.plot.kinds:
                    draw(tab, found.plot(figure), picture(kind, figure))


def main() -> None:
    """Takes the pictures and writes the page."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    take()
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
