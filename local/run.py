"""`make run`: the whole stack on this machine, until Ctrl-C."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path

from local import life, stack
from local.page import curl
from local.progress import Progress
from local.seed import write_private

RUNNING = Path(".local/run.json")


async def _run(progress: Progress) -> int:
    async with stack.up(progress) as running:
        addresses = running.addresses
        write_private(RUNNING, asdict(addresses))
        try:
            _tell(progress, addresses)
            await asyncio.Event().wait()
        finally:
            RUNNING.unlink(missing_ok=True)
    return 0


def _tell(progress: Progress, addresses: stack.Addresses) -> None:
    progress.say()
    for name, value in asdict(addresses).items():
        progress.say(f"  {name:<12} {value}")
    progress.say(f"\n  also in {RUNNING}\n\n{curl(addresses.api_url, addresses.api_key)}\n\nCtrl-C stops it all.")


def main() -> int:
    progress = Progress()
    try:
        ended = life.run(_run(progress))
    except stack.FAILURES as error:
        progress.say(f"✗ {error}")
        return 1
    return 0 if ended == life.INTERRUPTED else ended


if __name__ == "__main__":
    sys.exit(main())
