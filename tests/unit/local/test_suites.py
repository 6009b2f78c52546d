from __future__ import annotations

import pytest

from local.suites import Figures, figures


@pytest.mark.parametrize(
    ("counts", "returncode", "expected"),
    [
        ({"passed": 3, "failed": 0, "error": 0, "skipped": 1, "xfailed": 0, "xpassed": 0}, 0, Figures(3, 0, 1)),
        ({"passed": 3, "failed": 1, "error": 2}, 1, Figures(3, 3, 0)),
        ({"passed": 3}, 2, Figures(3, 1, 0)),
        (None, 4, Figures(0, 1, 0)),
        ({}, 5, Figures(0, 1, 0)),
    ],
)
def test_a_suite_that_broke_or_ran_nothing_counts_as_a_failure(
    counts: dict[str, int] | None, returncode: int, expected: Figures
) -> None:
    assert figures(counts, returncode) == expected


def test_the_sum_reads_as_the_closing_line() -> None:
    assert str(Figures(1, 0, 2) + Figures(3, 4, 0)) == "4 passed, 4 failed, 2 skipped"
