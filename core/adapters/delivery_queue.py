"""Attempts to be made, through one standard SQS queue that is fair between targets: a target is a message group."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.domain.deliveries import Handoff
from core.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

MOST_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class SqsDeliveryQueue:
    client: SQSClient
    url: str

    def send(self, handoffs: Sequence[Handoff], delay_s: int = 0) -> None:
        for start in range(0, len(handoffs), MOST_AT_ONCE):
            group = handoffs[start : start + MOST_AT_ONCE]
            entries = [_entry(number, handed, delay_s) for number, handed in enumerate(group)]
            with translated("SendMessageBatch"):
                answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            if answer.get("Failed"):
                raise Unavailable("dependency_unavailable", "the queue took only a part", retry_after_s=1)


def message_of(handed: Handoff) -> Mapping[str, Any]:
    return {
        "tenant": str(handed.tenant),
        "delivery_id": handed.delivery_id,
        "target_id": handed.target_id,
        "attempt": handed.attempt,
        "last": handed.last,
        "waited": handed.waited,
    }


def _entry(number: int, handed: Handoff, delay_s: int) -> SendMessageBatchRequestEntryTypeDef:
    return {
        "Id": str(number),
        "MessageBody": json.dumps(message_of(handed)),
        "MessageGroupId": handed.target_id,
        "DelaySeconds": delay_s,
    }
