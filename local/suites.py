"""Runs test suites one after the other and closes with one line of figures: `N passed, N failed, N skipped`.

A suite that breaks before it can count, or that runs nothing, counts as one failure: silence is not success.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from local.figures import COUNTS_VARIABLE

RESULTS = Path(".local/tests")
# Unit tests share nothing, so they may run on all cores, and contract tests file by file on two; the other suites start
# processes of their own.
_OPTIONS = {"unit": ["-n", "auto"], "contract": ["-n", "2", "--dist", "loadfile"]}


@dataclass(frozen=True, slots=True)
class Figures:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def figures(counts: dict[str, int] | None, returncode: int) -> Figures:
    """What a suite's own counts and its exit status amount to."""
    found = counts or {}
    failed = found.get("failed", 0) + found.get("error", 0)
    passed = found.get("passed", 0) + found.get("xpassed", 0)
    skipped = found.get("skipped", 0) + found.get("xfailed", 0)
    return Figures(passed, max(failed, 1 if returncode else 0), skipped)


def run(suite: str, arguments: list[str]) -> Figures:
    counts = RESULTS / f"{suite}.json"
    counts.unlink(missing_ok=True)
    print(f"── {suite}", flush=True)
    started = time.monotonic()
    options = [*_OPTIONS.get(suite, []), *arguments]
    command = [sys.executable, "-m", "pytest", "-p", "local.figures", f"tests/{suite}", *options]
    returncode = subprocess.run(command, check=False, env={**os.environ, COUNTS_VARIABLE: str(counts)}).returncode
    found = figures(json.loads(counts.read_text()) if counts.exists() else None, returncode)
    print(f"   {suite}: {found} in {time.monotonic() - started:.0f} s\n", flush=True)
    return found


def main(arguments: list[str]) -> int:
    RESULTS.mkdir(parents=True, exist_ok=True)
    suites = [argument for argument in arguments if not argument.startswith("-")]
    options = [argument for argument in arguments if argument.startswith("-")]
    total = sum((run(suite, options) for suite in suites), Figures())
    (RESULTS / "figures").write_text(f"{total}\n")
    print(total, flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
