"""The queue's messages: which are done, and which come again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from core.domain.sessions import EndReason
from core.errors import Unavailable
from core.services.dialing import Dial
from lambdas.telephony.dial import dial
from tests.builders import ACME
from tests.fakes.carriers import Answer
from tests.fakes.telephones import THEIRS, TelephoneWorld


class World(TelephoneWorld):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.of = self.session()
        self.dialing.dial(ACME, self.of.id, Dial(THEIRS))

    def deliver(self, *messages: Mapping[str, Any]) -> list[str]:
        """Ids of those that come again."""
        records = [{"messageId": f"m{n}", **message} for n, message in enumerate(messages)]
        failures = dial(self.placing, {"Records": records})["batchItemFailures"]
        return [failure["itemIdentifier"] for failure in failures]

    def told(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """What the bus has put into the queue."""
        return [
            {
                "body": json.dumps(
                    {
                        "source": "kallglot",
                        "detail-type": event.type.value,
                        "detail": {
                            "id": event.id,
                            "type": event.type.value,
                            "tenant": str(event.tenant),
                            "session_id": event.session_id,
                            "sequence": event.sequence,
                            "created_at": event.created_at.isoformat(),
                            "data": dict(event.data),
                        },
                    }
                )
            }
            for event in self.sessions.events
            if event.type.is_internal
        ]


@pytest.fixture
def world() -> World:
    return World()


def test_a_promised_call_is_placed_and_an_end_hangs_it_up(world: World) -> None:
    assert world.deliver(*world.told()) == []
    assert len(world.line.calls) == 1
    world.service.end(ACME, world.of.id, EndReason.COMPLETED)
    assert world.deliver(*world.told()) == []
    assert (world.line.hung_up, len(world.line.calls)) == (["CA1"], 1)


def test_a_message_that_comes_twice_places_one_call(world: World) -> None:
    assert world.deliver(*world.told(), *world.told()) == []
    assert len(world.line.calls) == 1


def test_a_doubt_comes_again_and_alone(world: World) -> None:
    world.line.answers = [Answer.LOST]
    (message,) = world.told()
    assert world.deliver(message) == ["m0"]
    world.clock.advance(30)
    assert world.deliver(message) == []
    assert len(world.line.calls) == 1


def test_a_table_that_is_away_brings_it_again(world: World) -> None:
    def away(*_: object) -> None:
        raise Unavailable("dependency_unavailable", "away")

    (message,) = world.told()
    find, world.sessions.find = world.sessions.find, away  # type: ignore[method-assign, assignment]
    assert world.deliver(message) == ["m0"]
    world.sessions.find = find  # type: ignore[method-assign]
    assert world.deliver(message) == []


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"detail": {"type": "no.such"}}', "null"])
def test_what_nobody_of_ours_has_sent_fails_alone(world: World, body: str) -> None:
    assert world.deliver({"body": body}, *world.told()) == ["m0"]
    assert len(world.line.calls) == 1
