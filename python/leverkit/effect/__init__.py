"""The effect of a programme, a campaign, a test: did it work, in money, and would it have come anyway?"""

from __future__ import annotations

from leverkit.effect._did import Did, PreTrendTest, did
from leverkit.effect._programme import Limits, Programme, Relabelled, programme

__all__ = ["Did", "Limits", "PreTrendTest", "Programme", "Relabelled", "did", "programme"]
