"""Calls of functions that came to nothing, in the queues where AWS leaves them, in the shapes that it gives them.

- Lambda, when an asynchronous call has failed for the last time: `requestContext.functionArn`, `requestPayload`.
- EventBridge, when it could not hand an event to its target: the event itself; the target is a message attribute.
  A queue, when whoever reads it failed too often at an event: the same, and the queue is a system attribute.
- A stream's mapping, when it gave up records: where they were in the stream, without the records.

How often a call was made again travels in its own payload, as `redriven`, because each failure makes a new message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from core.adapters.aws_errors import translated
from core.ports import FailedCall

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_MOST_AT_ONCE = 10
_SOURCE: Literal["DeadLetterQueueSourceArn"] = "DeadLetterQueueSourceArn"
# Longer than a run, so that what is left there is not met twice in it.
_HIDDEN_S = 900
_WAIT_S = 1


@dataclass(frozen=True, slots=True)
class SqsFailedCalls:
    client: SQSClient
    functions: LambdaClient
    queue_urls: Sequence[str]

    def take(self) -> list[FailedCall]:
        for url in self.queue_urls:
            with translated("ReceiveMessage"):
                messages = self.client.receive_message(
                    QueueUrl=url,
                    MaxNumberOfMessages=_MOST_AT_ONCE,
                    WaitTimeSeconds=_WAIT_S,
                    VisibilityTimeout=_HIDDEN_S,
                    MessageAttributeNames=["TARGET_ARN"],
                    MessageSystemAttributeNames=[_SOURCE],
                ).get("Messages", [])
            if messages:
                return [_call(url, message) for message in messages]
        return []

    def again(self, call: FailedCall) -> None:
        payload = json.dumps({**(call.payload or {}), "redriven": call.times + 1})
        called = call.function or ""
        if called.split(":")[2:3] == ["sqs"]:
            self._send(called, payload)
            return
        with translated("Invoke"):
            self.functions.invoke(FunctionName=called, InvocationType="Event", Payload=payload.encode())

    def done(self, call: FailedCall) -> None:
        url, handle = call.receipt
        with translated("DeleteMessage"):
            self.client.delete_message(QueueUrl=url, ReceiptHandle=handle)

    def _send(self, queue_arn: str, payload: str) -> None:
        """The function behind it takes it from there."""
        with translated("GetQueueUrl"):
            url = self.client.get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
        with translated("SendMessage"):
            self.client.send_message(QueueUrl=url, MessageBody=payload)


def _call(url: str, message: MessageTypeDef) -> FailedCall:
    receipt = (url, message["ReceiptHandle"])
    body = _object(message["Body"])
    if "DDBStreamBatchInfo" in body:
        return FailedCall(receipt, of_stream=True)
    if isinstance(payload := body.get("requestPayload"), dict):
        arn = str((body.get("requestContext") or {}).get("functionArn"))
        return FailedCall(receipt, _unqualified(arn), payload, _times(payload))
    if "detail-type" in body:
        return FailedCall(receipt, _unqualified(_target(message)), body, _times(body))
    return FailedCall(receipt)


def _target(message: MessageTypeDef) -> str:
    attributes: Mapping[str, Any] = message.get("MessageAttributes", {})
    source = message.get("Attributes", {}).get(_SOURCE, "")
    return str(attributes.get("TARGET_ARN", {}).get("StringValue", source))


def _object(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _times(payload: Mapping[str, Any]) -> int:
    times = payload.get("redriven", 0)
    return times if isinstance(times, int) else 0


def _unqualified(arn: str) -> str:
    """Lambda names the version that it called: `arn:aws:lambda:region:account:function:name:$LATEST`."""
    return ":".join(arn.split(":")[:7])
