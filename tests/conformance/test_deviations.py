"""docs/spec-deviations.md tells the truth: its rows hold, and its table of faults is what a run writes."""

from __future__ import annotations

import pytest

from conformance.deviations import DEVIATIONS
from conformance.report import PAGE, page


@pytest.mark.parametrize("row", DEVIATIONS, ids=lambda row: f"{row.where}: {row.vendor}")
def test_what_a_dialect_does_not_do_it_still_does_not_do(row):
    assert row.holds()


def test_every_fault_is_the_same_error_at_every_door_and_the_page_says_which():
    written = page()
    assert " at the transport" not in written
    assert PAGE.read_text("utf-8") == written
