"""The effect of a programme, a campaign, a test: did it work, in money, and would it have come anyway?"""

from __future__ import annotations

__all__: list[str] = []
