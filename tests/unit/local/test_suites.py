from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest

from local import suites
from local.figures import COUNTS_VARIABLE
from local.suites import Figures, Plan, Suite, figures, run_all


class Made(Suite):
    """A suite that says its name and counts what it is told to, or breaks where that is nothing."""

    def __init__(self, counts: Mapping[str, dict[str, int] | None], name: str, options: Sequence[str]) -> None:
        super().__init__(name, options)
        leave = f"open(os.environ[{COUNTS_VARIABLE!r}], 'w').write({json.dumps(counts[name])!r})"
        ends = leave if counts[name] else "sys.exit(4)"
        self.command = [sys.executable, "-c", f"import os, sys; print('says {name}', flush=True); {ends}"]


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


def test_what_is_named_beside_is_no_suite_of_its_own_and_options_are_for_all() -> None:
    plan = Plan.read(["unit", "contract", "--beside=infrastructure,console", "-x"])
    assert plan == Plan(("unit", "contract"), ("infrastructure", "console"), ("-x",))


def test_suites_and_those_beside_them_are_counted_and_shown_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suites, "RESULTS", tmp_path)
    counts = {"first": {"passed": 2}, "beside": {"passed": 1, "failed": 1}, "broken": None}
    monkeypatch.setattr(suites, "Suite", partial(Made, counts))
    total = run_all(Plan(("first",), ("beside", "broken"), ()))
    assert total == Figures(3, 2, 0)
    shown = capfd.readouterr().out
    for name, told in (("first", "2 passed, 0 failed"), ("beside", "1 passed, 1 failed"), ("broken", "0 passed, 1")):
        assert shown.index(f"── {name}") < shown.index(f"says {name}") < shown.index(f"   {name}: {told}")
