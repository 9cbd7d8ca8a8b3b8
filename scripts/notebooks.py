"""Runs every notebook and keeps its outputs, tables and text; figures are kept as static text, so that files stay small."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path("notebooks")
KEPT = {"text/plain", "text/html"}


def main() -> int:
    """Executes all notebooks in place."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(
            notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}
        ).execute()
        for cell in notebook.cells:
            cell.metadata.clear()
            for output in cell.get("outputs", []):
                _slim(output)
        notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
        nbformat.write(notebook, path)
        print(path)
    return 0


def _slim(output: nbformat.NotebookNode) -> None:
    """Drops Plotly's own script and data; the figure is drawn again when the notebook is run."""
    data = output.get("data", {})
    is_figure = any("plotly" in kind for kind in data) or "plotly" in data.get("text/html", "")[:2000].lower()
    for kind in list(data):
        if kind not in KEPT or (is_figure and kind == "text/html"):
            del data[kind]
    if is_figure:
        data["text/plain"] = "A figure: run the cell to draw it."


if __name__ == "__main__":
    sys.exit(main())
