"""Every notebook runs on the real data, and what it printed when it was committed is what it prints now.

`make notebooks` runs them again and keeps what they show. Figures are kept as data, without the library that draws them.
"""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

QUIET = Config({"KernelManager": {"transport": "ipc"}})  # over TCP the kernel warns of eavesdroppers
FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def run(path):
    """The notebook with the outputs of a fresh run."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=300, record_timing=False, config=QUIET)
    client.execute(env=os.environ | {"PLOTLY_RENDERER": "plotly_mimetype"})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]  # a bar of progress
    notebook.metadata["language_info"] = {"name": "python"}  # not the version at hand
    return notebook


def printed(notebook):
    """What each cell printed. Tables are left out: how they are drawn is their library's affair."""
    return {
        cell.id: "".join(output.text for output in cell.outputs if output.output_type == "stream")
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_prints_what_it_printed_when_it_was_committed(path):
    assert printed(run(path)) == printed(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_enough_to_read(path):
    assert path.stat().st_size < 500_000


if __name__ == "__main__":
    for path in NOTEBOOKS:
        nbformat.write(run(path), path)
        print(f"ran {path.relative_to(FOLDER.parent)}")
