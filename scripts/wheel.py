"""Builds the sdist, and of it the wheel, into dist/; tries the wheel on the lowest and the newest Python that are there, with no Rust within reach."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DIST = Path("dist")
#: Where a Python may be, apart from PATH: a shim of pyenv only leads to the one that is set.
PLACES = ("~/.pyenv/versions/3.*/bin/python", "/opt/python/cp3*/bin/python")


def build() -> Path:
    """The wheel, made of the sdist as a user without a wheel for their platform would make it."""
    shutil.rmtree(DIST, ignore_errors=True)
    maturin = Path(sys.executable).with_name("maturin")
    subprocess.run([maturin, "build", "--release", "--strip", "--sdist", "--out", DIST], check=True)
    (wheel,) = DIST.glob("*.whl")
    return wheel


def version(python: str) -> tuple[int, int] | None:
    """Its version; none if it does not start."""
    code = "import sys; print(*sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return None if done.returncode else tuple(map(int, done.stdout.split()))  # type: ignore[return-value]


def pythons() -> list[str]:
    """The lowest and the newest Python that leverkit runs on."""
    named = filter(None, (shutil.which(f"python3.{minor}") for minor in range(10, 20)))
    placed = (path for place in PLACES for path in glob.glob(os.path.expanduser(place)))
    found = {at: python for python in (*named, *placed) if (at := version(python)) and at >= (3, 10)}
    return [found[at] for at in dict.fromkeys((min(found), max(found)))]


def try_on(python: str, wheel: Path) -> None:
    """Installs the wheel in an environment of its own and runs the smoke test there."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        bare = {**os.environ, "PATH": f"{folder}/bin", "PYTHONPATH": ""}
        subprocess.run([f"{folder}/bin/python", "-m", "pip", "install", "--quiet", wheel], check=True, env=bare)
        subprocess.run([f"{folder}/bin/python", Path("scripts/smoke.py").resolve()], check=True, env=bare, cwd=folder)


def main() -> None:
    """Builds and tries."""
    wheel = build()
    for python in pythons():
        print(f"trying {wheel.name} on Python {'.'.join(map(str, version(python) or ()))}")
        try_on(python, wheel)
    for file in sorted(DIST.iterdir()):
        print(f"{file.stat().st_size / 1e6:.1f} MB {file}")


if __name__ == "__main__":
    main()
