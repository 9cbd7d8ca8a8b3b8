"""How a result looks in a notebook and on a terminal: its headline and notes, and a table as a person would write it.

The table is plain HTML that needs no script and no package: the columns that matter come first, and the others are a click away.
Colours are mixed from the page's own, so that light and dark themes both read well.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import cells, numbers
from leverkit._lib.text import t, told

if TYPE_CHECKING:
    from rich.table import Table

#: Columns that stand beside each other on a laptop, and rows that are read.
_MOST_COLUMNS, _MOST_ROWS = 8, 20
_STYLE = """<style>
.leverkit{max-width:100%;overflow-x:auto}.leverkit h4{margin:.4em 0}.leverkit ul{margin:.2em 0 .6em;padding-left:1.4em}
.leverkit table{border-collapse:collapse;margin:.3em 0;font-variant-numeric:tabular-nums}
.leverkit table td,.leverkit table th{padding:.25em .7em;text-align:left;vertical-align:top;white-space:normal;max-width:28em;background:none;border:0;
border-bottom:1px solid color-mix(in srgb,currentColor 18%,transparent)}
.leverkit table th{font-weight:600;border-bottom:2px solid color-mix(in srgb,currentColor 40%,transparent)}
.leverkit table .n{text-align:right;white-space:nowrap}.leverkit .bar{background:linear-gradient(to right,color-mix(in srgb,#4c6ef5 35%,transparent)
var(--w),transparent var(--w))}
.leverkit summary{cursor:pointer;opacity:.75}.leverkit .tree{list-style:none;border-left:1px solid color-mix(in srgb,currentColor 25%,transparent)}
</style>"""


def page(headline: str, notes: Iterable[str], *parts: str) -> str:
    """A result as HTML: what it found, what to know before using it, and its table."""
    said = "".join(f"<li>{escape(told(note))}</li>" for note in notes)
    head = f"<h4>{escape(headline)}</h4>{f'<ul>{said}</ul>' if said else ''}"
    return f'{_STYLE}<div class="leverkit">{head}{"".join(parts)}</div>'


def table(frame: pl.DataFrame, first: Sequence[str] = (), bars: Sequence[str] = ()) -> str:
    """A frame as an HTML table; the columns of `first` are those that matter, and shares of `bars` have a bar behind them."""
    shown, others = _split(frame.columns, first)
    rows = frame.height - _MOST_ROWS
    more = "" if rows <= 0 else f"<p>{escape(t('{n:,} more {n:row|rows}', n=rows))}</p>"
    return _table(frame.select(shown), bars) + more + _others(frame, shown, others)


def tree(frame: pl.DataFrame) -> str:
    """A formula's nodes as nested lists, each with its value: `frame` has node, parent, value, unit and formula."""
    children: dict[str, list[dict[str, object]]] = {}
    for row in frame.iter_rows(named=True):
        children.setdefault(row["parent"] or "", []).append(row)

    def branch(parent: str) -> str:
        items = "".join(f"<li>{_node(row)}{branch(str(row['node']))}</li>" for row in children.get(parent, ()))
        return f'<ul class="tree">{items}</ul>' if items else ""

    return branch("")


def printed(headline: str, frame: pl.DataFrame, first: Sequence[str] = ()) -> Table:
    """The table for a terminal, for those who have rich."""
    from rich.box import SIMPLE
    from rich.markup import escape as plain
    from rich.table import Column, Table

    shown, _ = _split(frame.columns, first)
    writers = cells.writers(frame)
    heads = (
        Column(
            plain(name), justify="right" if cells.is_number(frame.schema[name]) else "left", no_wrap=name == shown[0]
        )
        for name in shown
    )
    made = Table(*heads, title=plain(headline), title_justify="left", box=SIMPLE, pad_edge=False)
    for row in frame.select(shown).head(_MOST_ROWS).iter_rows(named=True):
        made.add_row(*(plain(writers[name](value)) for name, value in row.items()))
    rest = frame.height - _MOST_ROWS
    made.caption = t("{n:,} more {n:row|rows}", n=rest) if rest > 0 else None
    return made


def is_notebook() -> bool:
    """Whether a kernel of Jupyter runs this."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def _split(columns: Sequence[str], first: Sequence[str]) -> tuple[list[str], list[str]]:
    """The columns that are shown, and those that are a click away."""
    shown = [name for name in first if name in columns] or list(columns[:_MOST_COLUMNS])
    return shown, [name for name in columns if name not in shown]


def _others(frame: pl.DataFrame, shown: Sequence[str], others: Sequence[str]) -> str:
    """What is a click away; beside its rows' first column, by which they are known."""
    if not others or not frame.height:
        return ""
    label = t("{n} more {n:column|columns}", n=len(others))
    return f"<details><summary>{escape(label)}</summary>{_table(frame.select(shown[0], *others), ())}</details>"


def _table(frame: pl.DataFrame, bars: Sequence[str]) -> str:
    writers = cells.writers(frame)
    heads = "".join(f"<th{_side(dtype)}>{escape(name)}</th>" for name, dtype in frame.schema.items())
    rows = "".join(
        f"<tr>{''.join(_cell(value, writers[name], frame.schema[name], name in bars) for name, value in row.items())}</tr>"
        for row in frame.head(_MOST_ROWS).iter_rows(named=True)
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _side(dtype: pl.DataType) -> str:
    return ' class="n"' if cells.is_number(dtype) else ""


def _cell(value: object, write: cells.Write, dtype: pl.DataType, has_bar: bool) -> str:
    text = escape(write(value))
    if has_bar and isinstance(value, float) and 0 <= value <= 1:
        return f'<td class="n bar" style="--w:{100 * value:.1f}%">{text}</td>'
    return f"<td{_side(dtype)}>{text}</td>"


def _node(row: dict[str, object]) -> str:
    """A node of a formula: its name, its value and how it is computed."""
    value = row["value"]
    write = numbers.percent if row["unit"] == "share" else numbers.number
    written = f" = <b>{write(value)}</b>" if isinstance(value, (int, float)) else ""
    how = f" <small>{escape(str(row['formula']))}</small>" if row["formula"] else ""
    return f"{escape(str(row['node']))}{written}{how}"
