"""When a final is told: not before it is stored, unless the tables take too long."""

from __future__ import annotations

import asyncio

from core.domain.sessions import Role
from core.domain.transcripts import Turn
from media_worker.messages import Transcript
from media_worker.pipeline.finals import Finals
from tests.fakes.clocks import START
from tests.fakes.virtual_time import virtual_time


def turn(sequence: int) -> Turn:
    return Turn(f"seg_{sequence}", sequence, Role.AGENT, "es", f"line {sequence}", START, 0.0, 1.0, 0.9)


class Desk:
    def __init__(self, *, full: bool = False) -> None:
        self.said: list[Transcript] = []
        self.finals = Finals(lambda _: not full, self.said.append, patience_s=0.5)

    @property
    def told(self) -> list[int]:
        return [transcript.sequence for transcript in self.said]


@virtual_time
async def test_a_final_is_told_when_it_is_stored_and_only_once() -> None:
    desk = Desk()
    assert desk.finals.add(turn(1))
    assert desk.told == []
    assert desk.finals.last_told(1) == 0
    desk.finals.written([turn(1)])
    await asyncio.sleep(1)
    assert desk.told == [1]
    assert desk.finals.last_told(1) == 1
    assert desk.said[0].is_final and desk.said[0].text == "line 1"


@virtual_time
async def test_tables_that_are_away_hold_up_nobody_for_long_and_the_order_stays() -> None:
    desk = Desk()
    desk.finals.add(turn(1))
    await asyncio.sleep(0.3)
    desk.finals.add(turn(2))
    await asyncio.sleep(0.3)
    assert desk.told == [1]
    await asyncio.sleep(0.3)
    assert desk.told == [1, 2]
    desk.finals.written([turn(1), turn(2)])
    assert desk.told == [1, 2]


@virtual_time
async def test_what_will_not_be_stored_is_told_at_once() -> None:
    desk = Desk(full=True)
    assert not desk.finals.add(turn(1))
    assert desk.told == [1]


@virtual_time
async def test_a_worker_that_lost_the_session_tells_nothing_more() -> None:
    desk = Desk()
    desk.finals.add(turn(1))
    desk.finals.close()
    await asyncio.sleep(1)
    assert desk.told == []
