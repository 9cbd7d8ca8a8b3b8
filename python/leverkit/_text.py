"""What people read, in their language: English stands in the code, other languages in tables of the same templates.

``t("{share} of customers return", share="40 %")`` is the sentence in the language of the moment.
"""

from __future__ import annotations


def t(template: str, **values: object) -> str:
    """A template with its values filled in."""
    return template.format(**values)
