"""The code of a page of the documentation, as a reader who has polars runs it."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
#: A tab for readers who have pandas, up to what stands outside of it.
_PANDAS = re.compile(r'=== "pandas"\n\n(?: {4}.*\n|\n)+')


def code_of(page: str) -> list[str]:
    """The blocks of Python, those of tabs moved to the left."""
    text = _PANDAS.sub("", (ROOT / page).read_text(encoding="utf-8"))
    return [dedent(block) for _, block in re.findall(r"^( *)```python\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)]
