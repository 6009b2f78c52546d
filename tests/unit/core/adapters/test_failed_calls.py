"""Failed calls, in the shapes in which AWS leaves them."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from core.adapters.failed_calls import SqsFailedCalls
from core.ports import FailedCall

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:finalize"
QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:told"
EVENT = {"version": "0", "id": "1", "detail-type": "session.ended", "source": "kallglot", "detail": {"id": "evt_1"}}
FROM_LAMBDA = {
    "version": "1.0",
    "requestContext": {"functionArn": f"{ARN}:$LATEST", "condition": "RetriesExhausted", "approximateInvokeCount": 3},
    "requestPayload": EVENT,
    "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "no"},
}
FROM_STREAM = {
    "requestContext": {"functionArn": f"{ARN}:$LATEST", "condition": "RetryAttemptsExhausted"},
    "DDBStreamBatchInfo": {"shardId": "shardId-1", "startSequenceNumber": "8", "batchSize": 1, "streamArn": "arn"},
}


class Queues:
    """Two queues of AWS, and functions that remember how they were called."""

    def __init__(self, **messages: list[dict[str, Any]]) -> None:
        self.messages = messages
        self.asked: list[dict[str, Any]] = []
        self.deleted: list[tuple[str, str]] = []
        self.invoked: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        found, self.messages[asked["QueueUrl"]] = self.messages[asked["QueueUrl"]], []
        return {"Messages": found} if found else {}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:
        self.deleted.append((QueueUrl, ReceiptHandle))

    def invoke(self, **asked: Any) -> None:
        self.invoked.append(asked)

    def get_queue_url(self, QueueName: str) -> dict[str, str]:
        return {"QueueUrl": f"https://queues/{QueueName}"}

    def send_message(self, **asked: Any) -> None:
        self.sent.append(asked)


def message(body: object, receipt: str = "r1", **attributes: str) -> dict[str, Any]:
    return {
        "Body": body if isinstance(body, str) else json.dumps(body),
        "ReceiptHandle": receipt,
        "MessageAttributes": {name: {"StringValue": value} for name, value in attributes.items()},
    }


def calls(queues: Queues) -> SqsFailedCalls:
    return SqsFailedCalls(cast(Any, queues), cast(Any, queues), ["first", "second"])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (message(FROM_LAMBDA), FailedCall(("first", "r1"), ARN, EVENT)),
        (message(EVENT, TARGET_ARN=ARN), FailedCall(("first", "r1"), ARN, EVENT)),
        (message(EVENT), FailedCall(("first", "r1"), "", EVENT)),
        (message(EVENT, TARGET_ARN=QUEUE_ARN), FailedCall(("first", "r1"), QUEUE_ARN, EVENT)),
        (
            message(EVENT) | {"Attributes": {"DeadLetterQueueSourceArn": QUEUE_ARN}},
            FailedCall(("first", "r1"), QUEUE_ARN, EVENT),
        ),
        (
            message(EVENT | {"redriven": 3}, TARGET_ARN=ARN),
            FailedCall(("first", "r1"), ARN, EVENT | {"redriven": 3}, 3),
        ),
        (message(FROM_STREAM), FailedCall(("first", "r1"), of_stream=True)),
        (message("nonsense"), FailedCall(("first", "r1"))),
        (message("[1]"), FailedCall(("first", "r1"))),
        (message({"requestPayload": "text"}), FailedCall(("first", "r1"))),
    ],
)
def test_every_shape_is_understood(found: dict[str, Any], expected: FailedCall) -> None:
    assert calls(Queues(first=[found], second=[])).take() == [expected]


def test_one_queue_after_the_other_is_emptied_and_what_is_taken_stays_hidden_for_longer_than_a_run() -> None:
    queues = Queues(first=[message(EVENT)], second=[message(EVENT, receipt="r2")])
    failed = calls(queues)

    assert [[call.receipt for call in failed.take()] for _ in range(3)] == [[("first", "r1")], [("second", "r2")], []]
    assert {asked["VisibilityTimeout"] for asked in queues.asked} == {900}


def test_a_call_is_made_as_it_was_made_before_and_counted() -> None:
    queues = Queues(first=[message(FROM_LAMBDA)], second=[])
    failed = calls(queues)
    [call] = failed.take()

    failed.again(call)
    failed.done(call)

    [invoked] = queues.invoked
    assert (invoked["FunctionName"], invoked["InvocationType"]) == (ARN, "Event")
    assert json.loads(invoked["Payload"]) == EVENT | {"redriven": 1}
    assert queues.deleted == [("first", "r1")]


def test_what_a_queue_gave_up_goes_into_it_again() -> None:
    queues = Queues(first=[message(EVENT) | {"Attributes": {"DeadLetterQueueSourceArn": QUEUE_ARN}}], second=[])
    failed = calls(queues)
    [call] = failed.take()

    failed.again(call)

    [sent] = queues.sent
    assert sent["QueueUrl"] == "https://queues/told"
    assert json.loads(sent["MessageBody"]) == EVENT | {"redriven": 1}
    assert queues.asked[0]["MessageSystemAttributeNames"] == ["DeadLetterQueueSourceArn"]
    assert queues.invoked == []
