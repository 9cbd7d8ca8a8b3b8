"""Lays out the files of a new analysis of a ledger, from the templates in scripts/new_analysis.

python scripts/new_analysis.py TOPIC NAME

What it lays out works: it counts customers by their number of orders. `make new-analysis` formats it as well.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template

ROOT = Path(__file__).parent.parent
TEMPLATES = Path(__file__).with_suffix("")
NEXT = """
Next:
  make stubs       writes python/leverkit/_engine.pyi
  make gallery     draws its figure for docs/gallery.md
  make test        all green as it is
Then write the analysis in place of the count of orders: kernel, parameters, table, docstrings, figure, Russian texts, concept page and tests.
An analysis that needs more than a ledger to be made gets a maker in python/tests/results.py."""


class Refused(Exception):
    """The analysis cannot be laid out; the text says why and what to do."""


@dataclass(frozen=True)
class Analysis:
    """A new analysis: where it goes, and what it is called."""

    root: Path
    engine: str
    topic: str
    name: str

    @property
    def kind(self) -> str:
        """The name of its class."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    def filled(self, template: str) -> str:
        """A template, or a text, with the names of the analysis."""
        words = self.name.replace("_", " ")
        names = {"engine": self.engine, "topic": self.topic, "name": self.name, "Name": self.kind}
        return Template(template).substitute(names, words=words, Words=words.capitalize())

    def template(self, name: str) -> str:
        return self.filled((TEMPLATES / f"{name}.txt").read_text(encoding="utf-8"))


def find(root: Path, topic: str, name: str) -> Analysis:
    """The analysis, where its topic is and its name is free."""
    if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name):
        raise Refused(f"NAME: got {name!r}; expected small letters and underscores, such as first_year")
    folders = {path.name: path for path in sorted(root.glob("crates/leverkit-*/src/*/")) if _is_of_ledgers(root, path)}
    if topic not in folders:
        there = any(root.glob(f"crates/leverkit-*/src/{topic}/mod.rs")) or (root / f"crates/leverkit-{topic}").is_dir()
        also = "; its analyses take more than a ledger, or other tables: copy the nearest of them" if there else ""
        raise Refused(f"TOPIC: got {topic!r}; expected a topic with analyses of a ledger: {', '.join(folders)}{also}")
    found = Analysis(root, _engine(folders[topic]), topic, name)
    exports = (root / f"crates/leverkit-py/src/{found.engine}/{topic}.rs").read_text(encoding="utf-8")
    if (folders[topic] / f"{name}.rs").exists() or re.search(rf"\b({name}|{found.kind})\b", exports):
        raise Refused(f"NAME: {topic} has {name} or {found.kind} already; take another name")
    return found


def _engine(folder: Path) -> str:
    return folder.parts[-3].removeprefix("leverkit-")


def _is_of_ledgers(root: Path, folder: Path) -> bool:
    """Whether the topic's face is one module that makes engines' ledgers, and its parameters are public."""
    face, exports = root / f"python/leverkit/{_engine(folder)}/{folder.name}.py", folder / "mod.rs"
    if not (face.exists() and exports.exists() and "pub use params::{" in exports.read_text(encoding="utf-8")):
        return False
    return "import engine_of, iso" in face.read_text(encoding="utf-8")


Edit = Callable[[str], str]


def lay_out(new: Analysis) -> list[Path]:
    """Writes all files, and returns them; nothing is written if one of them cannot be."""
    done = {path: edit(path) for path, edit in _edits(new)}
    for path, text in done.items():
        path.write_text(text, encoding="utf-8")
    return list(done)


def _edits(new: Analysis) -> list[tuple[Path, Callable[[Path], str]]]:
    rust = new.root / f"crates/leverkit-{new.engine}/src/{new.topic}"
    wrapper, python = new.root / "crates/leverkit-py/src", new.root / "python"
    return [
        (rust / f"{new.name}.rs", lambda _: new.template("analysis.rs")),
        (
            rust / "mod.rs",
            edited(
                before(r"^mod ", new.filled("mod ${name};\n")),
                before(r"^pub use ", new.filled("pub use ${name}::{${Name}, ${Name}Row, ${name}};\n")),
                after(r"^pub use params::\{", new.filled("${Name}Params, ")),
            ),
        ),
        (rust / "params.rs", edited(at_end(new.template("params.rs")))),
        (
            rust / "table.rs",
            edited(
                before(r"^use (super|crate)::", new.filled("use super::${name}::${Name};\n")),
                at_end(new.template("table.rs")),
            ),
        ),
        *_wrapped(new, wrapper),
        (
            wrapper / "lib.rs",
            edited(after(rf"use super::{new.engine}::\{{[^;]*?\b{new.topic}::\{{", new.filled("${Name}, ${name}, "))),
        ),
        (
            python / f"leverkit/{new.engine}/{new.topic}.py",
            edited(
                after(r"^__all__ = \[", new.filled('"${Name}", "${name}", ')),
                before(r"\n\ndef ", new.template("result.py")),
                at_end(new.template("function.py")),
            ),
        ),
        (
            python / f"leverkit/plots/{new.topic}.py",
            edited(
                after(rf"^    from leverkit\.{new.engine} import ", new.filled("${Name}, ")),
                at_end(new.template("figure.py")),
            ),
        ),
        (python / f"leverkit/texts/ru/{new.topic}.toml", edited(at_end(new.template("ru.toml")))),
        (python / f"leverkit/texts/ru/engine/{new.topic}.toml", edited(once(new.template("engine.toml")))),
        (python / f"tests/test_{new.topic}.py", edited(at_end(new.template("test.py")))),
        (new.root / f"docs/concepts/{new.topic}.md", edited(at_end(new.template("concept.md")))),
    ]


def _wrapped(new: Analysis, wrapper: Path) -> list[tuple[Path, Callable[[Path], str]]]:
    """The wrapper's file of the topic; a topic's first analysis of a ledger is listed among the defaults as well."""
    file = wrapper / f"{new.engine}/{new.topic}.rs"
    if "(ledger) ->" in file.read_text(encoding="utf-8"):
        line = after(r"^    \w+\(ledger\) -> .*;\n(?=\})", new.filled(ANALYSIS))
        return [(file, edited(line, at_end(new.template("wrapper.rs"))))]
    block = f"\ncrate::result::analyses! {{\n{new.filled(ANALYSIS)}}}\n"
    listed = after(r"let listed =\s*\[", f"crate::{new.engine}::{new.topic}::defaults(py)?, ")
    return [(file, edited(at_end(new.template("wrapper.rs") + block))), (wrapper / "defaults.rs", edited(listed))]


ANALYSIS = """    /// Counts customers by their number of orders.
    ${name}(ledger) -> ${Name} = leverkit::${engine}::${name};
"""


def edited(*edits: Edit) -> Callable[[Path], str]:
    """The text of a file after some edits."""

    def text(path: Path) -> str:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for edit in edits:
            try:
                text = edit(text)
            except Refused as refused:
                raise Refused(f"{path}: {refused}") from None
        return text

    return text


def at_end(more: str) -> Edit:
    return lambda text: text + more


def once(more: str) -> Edit:
    """Puts a text at the end, unless it is there."""
    return lambda text: text if more in text else text + more


def before(place: str, more: str) -> Edit:
    """Puts a text before the first match of a pattern."""
    return lambda text: _insert(text, place, more, re.Match.start)


def after(place: str, more: str) -> Edit:
    """Puts a text after the first match of a pattern."""
    return lambda text: _insert(text, place, more, re.Match.end)


def _insert(text: str, place: str, more: str, side: Callable[[re.Match[str]], int]) -> str:
    match = re.search(place, text, flags=re.MULTILINE)
    if match is None:
        raise Refused(f"found no place like {place!r}; add it, or mend scripts/new_analysis.py")
    return text[: side(match)] + more + text[side(match) :]


def main(topic: str = "", name: str = "") -> None:
    try:
        touched = lay_out(find(ROOT, topic, name))
    except Refused as refused:
        sys.exit(f"{refused}\nmake new-analysis TOPIC=retention NAME=first_year")
    print(*(path.relative_to(ROOT) for path in touched), NEXT, sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
