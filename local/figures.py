"""A pytest plugin that leaves a suite's counts where `local.suites` finds them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

COUNTS_VARIABLE = "KALLGLOT_TEST_COUNTS"
_OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts = {outcome: len(terminalreporter.stats.get(outcome, [])) for outcome in _OUTCOMES}
    Path(os.environ[COUNTS_VARIABLE]).write_text(json.dumps(counts))
