"""The queue of attempts, at its other end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import pytest

from core.adapters import clients
from core.adapters.delivery_queue import SqsDeliveryQueue, message_of
from core.domain.deliveries import Handoff
from core.errors import Unavailable
from tests.builders import ACME
from tests.contract.stores.tables import HANDOFFS


@pytest.fixture
def url(aws: None) -> str:
    return clients.sqs().get_queue_url(QueueName=HANDOFFS)["QueueUrl"]


def received(url: str) -> list[Mapping[str, Any]]:
    sqs = clients.sqs()
    found: list[Mapping[str, Any]] = []
    while batch := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["MessageGroupId"]
    ).get("Messages"):
        found += batch
    return found


def test_every_attempt_is_a_message_of_its_targets_group(url: str) -> None:
    handoffs = [Handoff(ACME, f"wh_del_{number}", f"wh_{number % 3}", 1) for number in range(25)]

    SqsDeliveryQueue(clients.sqs(), url).send(handoffs)

    messages = [json.loads(message["Body"]) for message in received(url)]
    assert sorted(messages, key=lambda message: message["delivery_id"]) == sorted(
        map(message_of, handoffs), key=lambda message: message["delivery_id"]
    )


def test_nothing_is_sent_for_nothing(url: str) -> None:
    SqsDeliveryQueue(clients.sqs(), url).send([])

    assert received(url) == []


class Sqs:
    def __init__(self, failed: list[str]) -> None:
        self.failed = failed
        self.calls: list[dict[str, Any]] = []

    def send_message_batch(self, **call: Any) -> dict[str, Any]:
        self.calls.append(call)
        return {"Failed": self.failed}


def test_a_group_and_a_delay_go_with_each() -> None:
    sqs = Sqs([])

    SqsDeliveryQueue(cast(Any, sqs), "url").send([Handoff(ACME, "wh_del_1", "wh_1", 2)], 90)

    (entry,) = sqs.calls[0]["Entries"]
    assert (entry["MessageGroupId"], entry["DelaySeconds"]) == ("wh_1", 90)


def test_a_part_that_was_not_taken_is_a_failure() -> None:
    with pytest.raises(Unavailable):
        SqsDeliveryQueue(cast(Any, Sqs(["0"])), "url").send([Handoff(ACME, "wh_del_1", "wh_1", 2)])
