"""The exceptions of leverkit. All derive from `LeverkitError`; those about values are also `ValueError`."""

from __future__ import annotations


class LeverkitError(Exception):
    """Base of all errors of leverkit.

    Attributes hold the parts of the message that the error has; the others are None:
    `role`, `column`, `row` (from 0), `parameter`, `got`, `expected`.
    """

    def __init__(
        self,
        message: str,
        *,
        role: str | None = None,
        column: str | None = None,
        row: int | None = None,
        parameter: str | None = None,
        got: str | None = None,
        expected: str | None = None,
    ) -> None:
        # A byte of zero, from a value that the message shows, would end the process where the message passes through C.
        super().__init__(message.replace("\0", "\\0"))
        self.role = role
        self.column = column
        self.row = row
        self.parameter = parameter
        self.got = got
        self.expected = expected


class SchemaError(LeverkitError):
    """Roles and columns do not match: a column is missing or has a type that its role cannot use."""


class DataError(LeverkitError, ValueError):
    """The data cannot be analysed: no line is left, or a row is invalid and `on_invalid="raise"`."""


class ParameterError(LeverkitError, ValueError):
    """A parameter is out of its range; the message says what was expected."""


class ConvergenceError(LeverkitError):
    """A fit did not converge; the message says what was tried."""


class InternalError(LeverkitError):
    """An error in leverkit itself: please report it."""
