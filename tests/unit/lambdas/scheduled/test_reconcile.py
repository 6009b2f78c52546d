"""The hourly repair, as the function is invoked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from core.ports import FailedCall
from core.services.events import WAITED, Republishing
from core.services.redrive import Redrive
from lambdas.runtime import wiring
from lambdas.scheduled import reconcile
from tests.builders import an_event
from tests.fakes.clocks import START, FakeClock
from tests.fakes.outbox import MemoryOutbox
from tests.fakes.watchers import FakeBus
from tests.unit.core.services.test_redrive import FINALIZE, MemoryFailedCalls, a_call
from tests.unit.lambdas.scheduled.test_sweep import Context


class World:
    def __init__(self, *calls: FailedCall) -> None:
        self.bus, self.outbox, self.calls = FakeBus(), MemoryOutbox(), MemoryFailedCalls(*calls)
        clock = FakeClock(START + WAITED / 2)
        self.outbox.put("evt_1", an_event("evt_1"), START)
        self.outbox.put("evt_2", None, START - WAITED)
        republishing = Republishing(self.bus, self.outbox, clock)
        self.services = wiring.Reconciling(republishing, Redrive(self.calls, [FINALIZE], clock), clock)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(a_call(1), a_call(2, function="arn:other"))
    monkeypatch.setattr(wiring, "reconciling", lambda: world.services)
    return world


def run(event: dict[str, Any]) -> dict[str, Any]:
    return reconcile.handler(event, Context(300_000))


def test_what_has_waited_long_enough_is_told_and_calls_are_made_again(world: World) -> None:
    told = run({"source": "aws.scheduler"})

    assert (told["events"]["found"], told["events"]["published"]) == (1, 0)
    assert (told["calls"]["again"], told["calls"]["kept"]) == (1, 1)
    assert world.bus.taken == []


def test_by_hand_everything_is_told_at_once(world: World) -> None:
    told = run({"older_than_s": 0})

    assert (told["events"]["found"], told["events"]["published"]) == (2, 1)
    assert [event.id for event in world.bus.taken] == ["evt_1"]


def test_whoever_has_to_look_at_it_is_told_by_figures(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    run({"older_than_s": 0})

    figures = next(json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line)
    assert figures["EventsUnpublished"] == [2]
    assert figures["EventsUnreadable"] == [1]
    assert figures["CallsMadeAgain"] == [1]
    assert figures["CallsGivenUp"] == [1]


def test_what_makes_no_sense_is_refused(world: World) -> None:
    with pytest.raises(ValidationError):
        run({"older_than_s": -1})
