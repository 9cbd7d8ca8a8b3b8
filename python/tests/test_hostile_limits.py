"""Every count has a limit: whole numbers of everything public, as great as numbers get, are refused or answered, and quickly."""

from __future__ import annotations

import inspect
import time
from dataclasses import replace

import face
import fuzz
import pytest
from face import Call

import leverkit as lk

GREAT = (2**31 - 1, 2**63, -(2**63) - 1)
#: Draws take no memory, so as many are made as are asked for: it takes a minute or two.
DRAWN = ("Formula.simulate", "n", 2**31 - 1)


def whole_numbers(call: Call) -> list[str]:
    """Keywords that hold a whole number, or may."""
    parameters = inspect.signature(call.function).parameters
    given = {name for name, value in call.keywords.items() if isinstance(value, int) and not isinstance(value, bool)}
    annotated = {name for name, of in parameters.items() if of.kind is of.KEYWORD_ONLY and "int" in str(of.annotation)}
    return sorted(given | annotated)


def test_everything_public_is_called_or_left_out_with_a_reason() -> None:
    assert set(face.public()) - set(face.calls()) == set(face.LEFT_OUT)


@pytest.mark.parametrize("great", GREAT)
def test_great_numbers_are_refused_or_answered(great: int) -> None:
    asked = 0
    for calls in face.calls().values():
        for name in whole_numbers(calls[0]):
            if (calls[0].name, name, great) == DRAWN:
                continue
            call = replace(calls[0], keywords={**calls[0].keywords, name: great})
            begun = time.monotonic()
            try:
                call.run()
            except lk.InternalError:
                raise
            except (lk.LeverkitError, TypeError):
                pass
            except Exception as error:
                pytest.fail(f"{call.name}({name}={great}): {type(error).__name__}: {error}")
            assert time.monotonic() - begun < 60, f"{call.name}({name}={great})"
            asked += 1
    assert asked > 50


def test_random_calls_end_with_a_result_or_an_error_of_leverkit() -> None:
    assert fuzz.failures(0, 400, seed=20241129) == []
