"""How tables of answers are told to the engine: one row per respondent, per respondent and item, or per answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leverkit._lib.frames import Roles, only
from leverkit._lib.inputs import names, pairs, text_of
from leverkit.errors import ParameterError

#: Items: the column that names them, or each item with its columns in a table of one row per respondent.
Items = str | Mapping[str, Sequence[str] | str]


def answer_params(
    items: Items,
    asked: Mapping[str, str | None],
    *,
    item_role: str,
    respondent: str | None = None,
    question: str | None = None,
    answer: str | None = None,
    scale: Mapping[Any, Any] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    by: str | None = None,
    seconds: str | None = None,
    population: float | None = None,
    drop: str | Iterable[str] = (),
) -> dict[str, Any]:
    """The engine's parameters of a table of answers; `asked` are the questions with their columns, or with their values of the column `question`."""
    return {
        "respondent": respondent,
        "layout": _layout(items, asked, item_role, question, answer),
        "scale": as_scale(scale),
        "weight": weight,
        "strata": strata,
        "by": by,
        "seconds": seconds,
        "population": population,
        "drop": names(drop),
    }


def as_scale(scale: Mapping[Any, Any] | None) -> list[tuple[str, str]]:
    """What answers stand for, each with the label or number."""
    return [(text_of(label), text_of(stands_for)) for label, stands_for in pairs("scale", scale)]


def _layout(
    items: Items, asked: Mapping[str, str | None], item_role: str, question: str | None, answer: str | None
) -> dict[str, Any]:
    given = [column for column in asked.values() if column is not None]
    if isinstance(items, Mapping):
        if given or question or answer:
            raise ParameterError(
                f"{item_role}: got columns of each item; expected no {', '.join(asked)}, question or answer beside them",
                parameter=item_role,
            )
        return {"wide": {"items": [(item, names(columns)) for item, columns in items.items()]}}
    required = [role for role, column in asked.items() if column is None]
    if required:
        raise ParameterError(
            f"{required[0]}: got none; expected the column of the answer, or {item_role}={{item: columns}}",
            parameter=required[0],
        )
    if (question is None) != (answer is None):
        raise ParameterError(
            "question, answer: got one of them; expected both (one row per answer) or none", parameter="question"
        )
    if question is not None:
        return {"tall": {"item": items, "question": question, "answer": answer, "values": given}}
    return {"long": {"item": items, "columns": given}}


def read(answers: Any, params: Mapping[str, Any], numbers: Iterable[str | None] = ()) -> Any:
    """The columns that the engine reads of a table of answers."""
    return only(answers, columns(params), Roles(number=[params["weight"], params["seconds"], *numbers]))


def columns(params: Mapping[str, Any]) -> list[str | None]:
    """The columns of a table of answers."""
    ((kind, layout),) = params["layout"].items()
    if kind == "wide":
        found = [column for _, columns in layout["items"] for column in columns]
    elif kind == "long":
        found = [layout["item"], *layout["columns"]]
    else:
        found = [layout["item"], layout["question"], layout["answer"]]
    return [*found, *(params[role] for role in ("respondent", "weight", "strata", "by", "seconds"))]
