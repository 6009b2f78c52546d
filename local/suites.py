"""Runs test suites one after the other and closes with one line of figures: `N passed, N failed, N skipped`.

Suites that are named by `--beside=a,b` run meanwhile, one after the other, on what the first leave idle: those wait for
speech and for clocks, these only compute. What they print comes in one piece, between two of the first or at the end.

A suite that breaks before it can count, or that runs nothing, counts as one failure: silence is not success.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.background import Background
from local.figures import COUNTS_VARIABLE

RESULTS = Path(".local/tests")
_BESIDE = "--beside="
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What the words of the command line ask for; options are pytest's."""

    suites: tuple[str, ...]
    beside: tuple[str, ...]
    options: tuple[str, ...]

    @classmethod
    def read(cls, arguments: Sequence[str]) -> Plan:
        beside = [name for word in arguments if word.startswith(_BESIDE) for name in word[len(_BESIDE) :].split(",")]
        words = [word for word in arguments if not word.startswith(_BESIDE)]
        suites = [word for word in words if not word.startswith("-")]
        return cls(tuple(suites), tuple(beside), tuple(word for word in words if word.startswith("-")))


def figures(counts: dict[str, int] | None, returncode: int) -> Figures:
    """What a suite's own counts and its exit status amount to."""
    found = counts or {}
    failed = found.get("failed", 0) + found.get("error", 0)
    passed = found.get("passed", 0) + found.get("xpassed", 0)
    skipped = found.get("skipped", 0) + found.get("xfailed", 0)
    return Figures(passed, max(failed, 1 if returncode else 0), skipped)


class Suite:
    """One suite's run: the command, and afterwards what it counted."""

    def __init__(self, name: str, options: Sequence[str]) -> None:
        self.name = name
        self._counts = RESULTS / f"{name}.json"
        self._counts.unlink(missing_ok=True)
        self.environment = {**os.environ, COUNTS_VARIABLE: str(self._counts)}
        words = [sys.executable, "-m", "pytest", "-p", "local.figures", f"tests/{name}"]
        self.command = [*words, *_OPTIONS.get(name, []), *options]

    def told(self, returncode: int, seconds: float) -> Figures:
        counts = json.loads(self._counts.read_text()) if self._counts.exists() else None
        found = figures(counts, returncode)
        print(f"   {self.name}: {found} in {seconds:.0f} s\n", flush=True)
        return found


def run(suite: Suite) -> Figures:
    print(f"── {suite.name}", flush=True)
    started = time.monotonic()
    returncode = subprocess.run(suite.command, check=False, env=suite.environment).returncode
    return suite.told(returncode, time.monotonic() - started)


def run_all(plan: Plan) -> Figures:
    beside = {name: Suite(name, plan.options) for name in plan.beside}
    jobs = {name: (suite.command, suite.environment) for name, suite in beside.items()}
    total = Figures()
    with Background(jobs, RESULTS) as background:
        for name in plan.suites:
            total += run(Suite(name, plan.options))
            total += _shown(background, beside, wait=False)
        return total + _shown(background, beside, wait=True)


def _shown(background: Background, beside: dict[str, Suite], *, wait: bool) -> Figures:
    total = Figures()
    for done in background.finished(wait=wait):
        print(f"── {done.name}, meanwhile\n{done.log.read_text(errors='replace')}", end="", flush=True)
        total += beside[done.name].told(done.returncode, done.seconds)
    return total


def main(arguments: list[str]) -> int:
    RESULTS.mkdir(parents=True, exist_ok=True)
    total = run_all(Plan.read(arguments))
    (RESULTS / "figures").write_text(f"{total}\n")
    print(total, flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
