"""Draws the crates by floor, each above all that it uses, from `cargo metadata`: docs/architecture.svg.

python scripts/architecture.py           writes the picture
python scripts/architecture.py --check   fails where the picture is not what the crates are
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"
WIDTH, HEIGHT, GAP, FLOOR = 150, 46, 18, 96


def crates() -> dict[str, tuple[str, list[str]]]:
    """Description and own dependencies of each crate of the toolkit, by name."""
    command = ["cargo", "metadata", "--format-version", "1", "--no-deps"]
    packages = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)[
        "packages"
    ]
    own = {package["name"]: package for package in packages if "/crates/" in package["manifest_path"]}
    return {name: (package["description"], _uses(package, own)) for name, package in sorted(own.items())}


def _uses(package: dict, own: dict) -> list[str]:
    names = {dependency["name"] for dependency in package["dependencies"] if dependency["kind"] is None}
    return sorted(names & set(own))


def floors(found: dict[str, tuple[str, list[str]]]) -> list[list[str]]:
    """The crates floor by floor from the ground; a crate stands one above the highest that it uses."""
    heights: dict[str, int] = {}

    def height(name: str) -> int:
        if name not in heights:
            heights[name] = 1 + max((height(used) for used in found[name][1]), default=-1)
        return heights[name]

    levels: list[list[str]] = [[] for _ in range(1 + max(height(name) for name in found))]
    # Crates that a far floor uses stand at the ends, where arrows pass the others by.
    far = {used for name, used in direct(found) if height(name) - height(used) > 1}
    for name in found:
        levels[heights[name]].append(name)
    return [_far_at_the_ends(level, far) for level in levels]


def _far_at_the_ends(level: list[str], far: set[str]) -> list[str]:
    ends = [name for name in level if name in far]
    return [*ends[::2], *(name for name in level if name not in far), *ends[1::2]]


def direct(found: dict[str, tuple[str, list[str]]]) -> list[tuple[str, str]]:
    """Arrows that no longer way stands for: one to core is left out where an engine leads there, too."""

    def reaches(name: str) -> set[str]:
        return {used for first in found[name][1] for used in (first, *reaches(first))}

    return [
        (name, used)
        for name, (_, uses) in found.items()
        for used in uses
        if not any(used in reaches(other) for other in uses if other != used)
    ]


def draw(found: dict[str, tuple[str, list[str]]]) -> str:
    levels = floors(found)
    width = max(len(level) for level in levels) * (WIDTH + GAP) + GAP
    height = len(levels) * FLOOR + GAP
    places = {
        name: ((width - len(level) * (WIDTH + GAP) + GAP) / 2 + at * (WIDTH + GAP), height - (floor + 1) * FLOOR + GAP)
        for floor, level in enumerate(levels)
        for at, name in enumerate(level)
    }
    arrows = [_arrow(places[name], places[used]) for name, used in direct(found)]
    boxes = [_box(name, found[name][0], place) for name, place in places.items()]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" role="img">',
            "<title>The crates of leverkit, each above those that it uses</title>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0L8 4L0 8z" fill="#6b7a86"/></marker></defs>',
            *arrows,
            *boxes,
            "</svg>",
            "",
        ]
    )


def _arrow(above: tuple[float, float], below: tuple[float, float]) -> str:
    (x, y), (to_x, to_y) = above, below
    x, y, to_x = x + WIDTH / 2, y + HEIGHT, to_x + WIDTH / 2
    middle = (y + to_y) / 2
    return (
        f'<path d="M{x:g} {y:g}C{x:g} {middle:g} {to_x:g} {middle:g} {to_x:g} {to_y:g}" fill="none" stroke="#6b7a86" '
        'stroke-width="1.2" marker-end="url(#tip)"/>'
    )


def _box(name: str, description: str, place: tuple[float, float]) -> str:
    x, y = place
    return (
        f'<g><title>{description}</title><rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#eef4f7" '
        f'stroke="#2f5d73"/><text x="{x + WIDTH / 2:g}" y="{y + HEIGHT / 2 + 5:g}" text-anchor="middle" font-size="15" '
        f'fill="#14303d">{name}</text></g>'
    )


def main() -> None:
    picture = draw(crates())
    if "--check" not in sys.argv:
        PICTURE.write_text(picture)
    elif not PICTURE.exists() or PICTURE.read_text() != picture:
        sys.exit("docs/architecture.svg is not what the crates are: run 'python scripts/architecture.py' and commit")


if __name__ == "__main__":
    main()
