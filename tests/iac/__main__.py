"""`make iac`: every combination of settings synthesized, and what four programs say about the templates.

With words as arguments, only the combinations whose line has all of them: `make iac ARGS="profile=prod gpu=none"`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.iac.examined import Examined, Job, examine
from tests.iac.foreign import NotInstalled, cfn_lint, checkov, unaccepted
from tests.iac.matrix import combinations, label

# Every process has a Node of its own beside it, which never gives memory back. The pool of `concurrent.futures` can
# hang when it replaces one (python/cpython#115634).
_PROCESSES, _TASKS_EACH = 2, 12


def main(words: list[str]) -> int:
    wanted = [values for values in combinations() if set(words) <= set(label(values).split())]
    if not wanted:
        sys.stderr.write(f"no combination has {' '.join(words)}\n")
        return 2
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        distinct = Path(scratch) / "distinct"
        distinct.mkdir()
        problems = _synthesized(wanted, Path(scratch), distinct)
        templates = sorted(distinct.iterdir())
        problems += _linted(templates)
        problems += _checked(distinct, whole=len(wanted) == len(list(combinations())))
    print(f"\n{len(wanted)} combinations, {len(templates)} different templates, {time.monotonic() - began:.0f} s")
    for problem in problems:
        print(f"  {problem}")
    print(f"{len(problems)} unacknowledged findings", flush=True)
    return 1 if problems else 0


def _synthesized(wanted: list[dict[str, Any]], scratch: Path, distinct: Path) -> list[str]:
    print(
        f"── synthesis, cdk-nag (AwsSolutions, Serverless), rules of the house: {len(wanted)} combinations", flush=True
    )
    problems: list[str] = []
    jobs = [Job(values, scratch / str(number), distinct) for number, values in enumerate(wanted)]
    with get_context("spawn").Pool(_PROCESSES, maxtasksperchild=_TASKS_EACH) as pool:
        for number, (values, examined) in enumerate(zip(wanted, pool.imap(examine, jobs), strict=True), start=1):
            print(f"   {number}/{len(wanted)} {label(values)}: {_verdict(examined)}", flush=True)
            problems += [f"{label(values)}: {problem}" for problem in examined.problems]
    return problems


def _verdict(examined: Examined) -> str:
    return f"{len(examined.problems) or 'no'} findings in {examined.seconds:.0f} s"


def _linted(templates: list[Path]) -> list[str]:
    print(f"── cfn-lint: {len(templates)} templates", flush=True)
    problems: list[str] = []
    for number, said in enumerate(cfn_lint(templates), start=1):
        print(f"   batch {number}: {len(said) or 'no'} findings", flush=True)
        problems += said
    return problems


def _checked(folder: Path, *, whole: bool) -> list[str]:
    print("── checkov", flush=True)
    try:
        failures = checkov(folder)
    except NotInstalled as error:
        return [str(error)]
    left, unused = unaccepted(failures)
    print(f"   {len(failures)} failures, {len(failures) - len(left)} of them answered for", flush=True)
    # A part of the combinations need not have everything that is answered for.
    idle = [f"accepted, and nothing fails: {each.check} at {each.where}" for each in unused if whole]
    return [*map(str, left), *idle]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
