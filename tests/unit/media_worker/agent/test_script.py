from __future__ import annotations

import asyncio

from media_worker.agent.script import Script
from tests.fakes.virtual_time import virtual_time


@virtual_time
async def test_who_writes_faster_than_it_is_spoken_waits() -> None:
    script = Script(2)
    writing = asyncio.create_task(_write(script, 5))
    await asyncio.sleep(1)
    assert not writing.done()
    assert [await script.next() for _ in range(6)] == ["0", "1", "2", "3", "4", None]
    assert script.is_over


@virtual_time
async def test_what_was_not_heard_comes_first_once_more() -> None:
    script = Script(4)
    await _write(script, 2)
    assert await script.next() == "0"
    script.again(["rest of 0"])
    assert [await script.next() for _ in range(3)] == ["rest of 0", "1", None]


@virtual_time
async def test_one_that_is_dropped_ends_for_whoever_waits_and_takes_no_more() -> None:
    script = Script(1)
    reading, writing = asyncio.create_task(script.next()), asyncio.create_task(_write(script, 3))
    await asyncio.sleep(0.1)
    script.drop()
    await asyncio.sleep(0.1)
    assert reading.result() == "0" and writing.done()
    assert await script.next() is None


async def _write(script: Script, clauses: int) -> None:
    for number in range(clauses):
        await script.add(str(number))
    script.close()
