"""The published meanings, above all those that circulate wrongly."""

import pytest

from billing.formats import utbms


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("L100", "Case Assessment, Development and Administration"),
        ("L110", "Fact Investigation/Development"),
        ("A109", "Appear for/attend"),
        ("A110", "Manage data/files"),
        ("E109", "Local travel"),
        ("E110", "Out-of-town travel"),
        ("E111", "Meals"),
        ("E112", "Court fees"),
        ("E113", "Subpoena fees"),
        ("E118", "Litigation support vendors"),
        ("E123", "Other professionals"),
        ("B230", "Financing/Cash Collateral"),
        ("P280", "Other"),
        ("C300", "Analysis and Advice"),
    ],
)
def test_describes_a_code_as_published(code: str, meaning: str) -> None:
    assert utbms.describe(code) == meaning


def test_sets_are_whole() -> None:
    assert list(utbms.ACTIVITIES) == [f"A{number}" for number in range(101, 112)]
    assert list(utbms.EXPENSES) == [f"E{number}" for number in range(101, 125)]
    assert sum(code.startswith("L") for code in utbms.TASKS) == 34


def test_a_code_belongs_to_one_column() -> None:
    assert utbms.is_known("task", "L110")
    assert not utbms.is_known("activity", "L110")
    assert not utbms.is_known("task", "l110")
    assert not utbms.is_known("task", "L115")


def test_knows_later_sets_by_their_numbering() -> None:
    assert utbms.is_known("expense", "X101")
    assert utbms.is_known("task", "L620")
    assert utbms.is_known("task", "PA110")
    assert not utbms.is_known("expense", "X1")
    assert utbms.describe("X101") == "LOC 2013 revised expense code"


@pytest.mark.parametrize(
    ("code", "reserved"), [("X899", False), ("X900", True), ("X998", True), ("X999", False)]
)
def test_codes_reserved_for_the_client(code: str, reserved: bool) -> None:
    assert utbms.is_reserved_for_client(code) is reserved
    assert utbms.is_known("expense", code)


def test_an_unknown_code_has_no_meaning() -> None:
    assert utbms.describe("Q100") is None
