"""What keeps a page to itself: scripts that are known by their hash, data that cannot end their element, and no way out.

Names come from the data. Whatever they hold, they are text: a script that the page did not bring is not run, and nothing is asked of a network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

#: Signs that begin markup, or end a line in a script, by how they are written in JSON.
_SAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def policy(scripts: Iterable[str]) -> str:
    """A content security policy: these scripts and no others, styles of the page, pictures that are made on it, and no connection at all."""
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts)
    # Plotly sets styles on elements, and makes pictures to save as files.
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def data(value: Any) -> str:
    """A value as JSON to stand in an element of the page, which no text in it can close."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return embedded(text)


def embedded(text: str) -> str:
    """JSON as it can stand in an element: signs that begin markup are written by their numbers."""
    return text.translate(_SAFE)
