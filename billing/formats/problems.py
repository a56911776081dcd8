"""What is wrong with a file that was handed in: where, which rule, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: How much of an offending value is repeated back.
SHOWN_CHARACTERS = 80


class Severity(StrEnum):
    """An error keeps the file out; a warning is shown and does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    ``line`` counts physical lines from 1 (0: the file as a whole). ``field`` is the name of
    the column, empty where the line as a whole is meant. ``rule`` is a stable identifier such
    as ``ledes1998b.line_total``, for programs and for the help pages; ``message`` is for
    people. ``expected`` and ``found`` are given where a computation or a list decides.
    """

    line: int
    field: str
    rule: str
    value: str
    message: str | Promise
    severity: Severity = Severity.ERROR
    expected: str | None = None
    found: str | None = None

    def as_data(self) -> dict[str, str | int | None]:
        """The same as plain data in the active language, for JSON."""
        return {
            "line": self.line,
            "field": self.field,
            "rule": self.rule,
            "value": self.value,
            "message": str(self.message),
            "severity": self.severity.value,
            "expected": self.expected,
            "found": self.found,
        }


class Problems:
    """Collects findings up to a number of errors; a warning is kept once per rule and value."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._found: list[Problem] = []
        self._warned: set[tuple[str, str, str]] = set()
        self.errors = 0

    @property
    def full(self) -> bool:
        """Whether reading further would only repeat that the file is wrong."""
        return self.errors >= self._maximum

    def error(
        self,
        line: int,
        field: str,
        rule: str,
        value: str,
        message: str | Promise,
        *,
        expected: str | None = None,
        found: str | None = None,
    ) -> None:
        """Notes an error; beyond the maximum it is counted, not kept."""
        self.errors += 1
        if self.errors <= self._maximum:
            self._keep(Problem(line, field, rule, value, message, Severity.ERROR, expected, found))

    def warning(
        self,
        line: int,
        field: str,
        rule: str,
        value: str,
        message: str | Promise,
        *,
        expected: str | None = None,
        found: str | None = None,
    ) -> None:
        """Notes a warning at the first line that earns it."""
        key = (rule, field, value[:SHOWN_CHARACTERS])
        if key in self._warned or len(self._warned) >= self._maximum:
            return
        self._warned.add(key)
        self._keep(Problem(line, field, rule, value, message, Severity.WARNING, expected, found))

    def gave_up(self, line: int) -> None:
        """Says that reading stopped at ``line`` because the maximum of errors was reached."""
        self._keep(
            Problem(
                line,
                "",
                "file.too_many_problems",
                "",
                _(
                    "There are more problems than we list. Mend these first, then hand the file in again."
                ),
                expected=str(self._maximum),
            )
        )

    def _keep(self, problem: Problem) -> None:
        if len(problem.value) > SHOWN_CHARACTERS:
            problem = Problem(
                problem.line,
                problem.field,
                problem.rule,
                problem.value[: SHOWN_CHARACTERS - 1] + "…",
                problem.message,
                problem.severity,
                problem.expected,
                problem.found,
            )
        self._found.append(problem)

    def in_order(self) -> tuple[Problem, ...]:
        """All that was kept, by line; findings of one line in the order in which they were made."""
        return tuple(sorted(self._found, key=lambda problem: problem.line))
