"""Queue → customers, as the function is invoked."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from core.adapters.delivery_queue import message_of
from core.domain.attempts import Outcome, Result
from core.domain.deliveries import Handoff
from core.errors import Unavailable
from lambdas.events import deliver
from lambdas.events.deliver import handoff_of
from lambdas.runtime import delivery_wiring
from tests.builders import ACME, an_endpoint, an_event
from tests.fakes.webhook_world import WebhookWorld

URL = an_endpoint().url


def message(handed: Handoff, number: int = 1) -> dict[str, Any]:
    """As a Lambda event source maps an SQS message."""
    return {
        "messageId": f"m{number}",
        "receiptHandle": "r",
        "body": json.dumps(message_of(handed)),
        "attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": handed.target_id},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:handoffs",
        "awsRegion": "eu-central-1",
    }


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> WebhookWorld:
    world = WebhookWorld()
    world.registered(an_endpoint())
    monkeypatch.setattr(delivery_wiring, "delivering", lambda: world.delivering)
    return world


def handed(world: WebhookWorld, count: int) -> list[dict[str, Any]]:
    for number in range(count):
        event = an_event(f"evt_{number:026d}")
        world.events.add(event)
        world.fan_out.tell(event)
    return [message(handoff, number) for number, handoff in enumerate(world.queue.take())]


def invoke(records: Sequence[dict[str, Any]]) -> list[str]:
    answer = deliver.handler({"Records": list(records)}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_batch_is_delivered_and_counted(world: WebhookWorld, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(handed(world, 3)) == []

    assert len(world.customers.posted) == 3
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert next(line for line in lines if "_aws" in line)["WebhookSucceeded"] == [3.0]


def test_the_attempts_of_a_batch_are_made_at_the_same_time(world: WebhookWorld) -> None:
    together = threading.Barrier(5, timeout=10)

    def meet() -> Result:
        together.wait()
        return Result(Outcome.SUCCEEDED, 200)

    world.customers.answers[URL] = meet

    assert invoke(handed(world, 5)) == []
    assert not together.broken


def test_a_message_that_fails_comes_again_alone(world: WebhookWorld) -> None:
    records = handed(world, 2)
    faults = iter([Unavailable("dependency_unavailable", "no")])

    def once() -> Result:
        for fault in faults:
            raise fault
        return Result(Outcome.SUCCEEDED, 200)

    world.customers.answers[URL] = once

    assert len(invoke(records)) == 1


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"tenant":"x","delivery_id":"d","target_id":"t","attempt":1}'])
def test_what_is_no_handoff_ends_among_the_failed_and_holds_nothing_up(world: WebhookWorld, body: str) -> None:
    records = handed(world, 1)
    poisoned = {**records[0], "messageId": "poison", "body": body}

    assert invoke([poisoned, *records]) == ["poison"]
    assert len(world.customers.posted) == 1


def test_a_message_is_read_as_it_was_written() -> None:
    handed = Handoff(ACME, "wh_del_1", "wh_1", 3, True, 7)

    assert handoff_of(json.dumps(message_of(handed))) == handed


def test_nothing_of_an_event_is_logged(world: WebhookWorld, capsys: pytest.CaptureFixture[str]) -> None:
    world.customers.answers[URL] = lambda: Result(Outcome.SUCCEEDED, 200, "their secret answer")

    invoke(handed(world, 1))

    logged = capsys.readouterr().out
    assert "their secret answer" not in logged
    assert "whsec_" not in logged and URL not in logged
