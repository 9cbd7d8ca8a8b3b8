"""Writes docs/reference/settings.md, the page of all settings, from what checks them."""

from __future__ import annotations

from pathlib import Path

from leverkit.cli.schema import page

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
