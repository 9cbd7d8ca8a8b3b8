"""A hook of mkdocs: every notebook is a page of the site, with the outputs that it was committed with, which a test holds against the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import plotly
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

NOTEBOOKS = Path("notebooks")
PLOTLY = Path(plotly.__file__).parent / "package_data/plotly.min.js"
FIGURE = "application/vnd.plotly.v1+json"
HEAD = '<script src="../plotly.min.js"></script>\n'


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds a page per notebook, and the library that draws their figures."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=page(path)))
    files.append(File.generated(config, "notebooks/plotly.min.js", abs_src_path=str(PLOTLY)))
    return files


def page(path: Path) -> str:
    """A notebook as Markdown."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return HEAD + "\n\n".join(_cell(cell, f"figure-{place}") for place, cell in enumerate(cells))


def _cell(cell: dict[str, Any], name: str) -> str:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return source
    outputs = [_output(output, f"{name}-{place}") for place, output in enumerate(cell["outputs"])]
    return "\n\n".join([f"```python\n{source}\n```", *outputs])


def _output(output: dict[str, Any], name: str) -> str:
    """What a cell showed: a figure, a table, or text."""
    data = output.get("data", {})
    if FIGURE in data:
        figure = json.dumps(data[FIGURE]).replace("</", "<\\/")
        return f'<div id="{name}"></div>\n<script>Plotly.newPlot("{name}", {figure})</script>'
    if "text/html" in data:
        lines = "".join(data["text/html"]).splitlines()
        return f'<div class="output">{"".join(line for line in lines if line.strip())}</div>'
    return f"```text\n{''.join(output.get('text') or data['text/plain']).rstrip()}\n```"
