"""The page on paper: printed by a Chromium that is installed, with every section open."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from leverkit.errors import LeverkitError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_ON_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_SECONDS = 180
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    # Figures are drawn when their sections open, and paper waits for them.
    "--virtual-time-budget=30000",
    # Nothing is asked of a network.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def browser() -> str:
    """The path of Chromium, or of a browser made from it; `$CHROMIUM` comes first.

    Raises
    ------
    LeverkitError
        There is none; the message says what to install.
    """
    places = [os.environ.get("CHROMIUM"), *_NAMES, *_ON_MAC]
    found = next((path for place in places if place and (path := shutil.which(place))), None)
    if found is None:
        raise LeverkitError(
            "a PDF is printed by Chromium, and none is found: install Chromium, Chrome or Edge, or set CHROMIUM to its "
            "path; or write report.html and print it from any browser"
        )
    return found


def write(html: str, path: Path) -> None:
    """Prints the page into a file."""
    program = browser()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, encoding="utf-8")
        printed = [*_FLAGS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={path}", f"{page.as_uri()}#all"]
        # A browser refuses to run as the root user with a sandbox.
        sandbox = ["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []
        done = subprocess.run([program, *sandbox, *printed], capture_output=True, text=True, timeout=_SECONDS)
    if done.returncode or not path.exists() or not path.stat().st_size:
        raise LeverkitError(f"{program} printed no PDF: {done.stderr.strip().splitlines()[-1:] or 'it says nothing'}")
