"""`make run`: the whole stack on this machine, until Ctrl-C.

Where it is stands in .local/run.json while it runs; with `--name other`, in .local/other/run.json, so that two stacks
do not meet.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from local import life, stack
from local.console import curl
from local.progress import Progress
from local.seed import write_private

_USUAL_NAME = "stack"


def told_in(name: str) -> Path:
    return stack.FOLDER / "run.json" if name == _USUAL_NAME else stack.FOLDER / name / "run.json"


async def _run(progress: Progress, name: str) -> int:
    async with stack.up(progress, name) as running:
        write_private(told_in(name), asdict(running.addresses))
        try:
            _tell(progress, running.addresses, told_in(name))
            await asyncio.Event().wait()
        finally:
            told_in(name).unlink(missing_ok=True)
    return 0


def _tell(progress: Progress, addresses: stack.Addresses, told: Path) -> None:
    progress.say()
    for name, value in asdict(addresses).items():
        progress.say(f"  {name:<12} {value}")
    progress.say(f"\n  also in {told}\n\n{curl(addresses.api_url, addresses.api_key)}")
    called = addresses.sip_uri.format(session_id="sess_…")
    progress.say(f"\nWith its id, any softphone on this machine is in the call: baresip -e '/dial {called}'")
    progress.say("\nCtrl-C stops it all.")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make run ARGS=…", description="Keep the whole stack up on this machine")
    parser.add_argument("--name", default=_USUAL_NAME, help="keeps the files of several stacks apart")
    options = parser.parse_args(arguments)
    progress = Progress()
    try:
        ended = life.run(_run(progress, options.name))
    except stack.FAILURES as error:
        progress.say(f"✗ {error}")
        return 1
    return 0 if ended == life.INTERRUPTED else ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
