"""Commands from the control plane to workers: one queue a worker, made and dropped by the worker itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.adapters.aws_errors import code_of, translated

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_GONE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
_MOST_AT_ONCE = 10
# A command nobody took for a minute is stale: the session's state says the same, and lasts.
_KEPT_S = 60


@dataclass(frozen=True, slots=True)
class SqsInbox:
    client: SQSClient
    prefix: str

    def send(self, worker_id: str, command: Mapping[str, str]) -> None:
        with translated("SendMessage"):
            try:
                url = self.client.get_queue_url(QueueName=self.prefix + worker_id)["QueueUrl"]
                self.client.send_message(QueueUrl=url, MessageBody=json.dumps(dict(command)))
            except ClientError as error:
                if code_of(error) not in _GONE:
                    raise


@dataclass(slots=True)
class SqsCommands:
    client: SQSClient
    prefix: str
    _url: str | None = field(default=None, init=False)

    def open(self, worker_id: str) -> None:
        with translated("CreateQueue"):
            made = self.client.create_queue(
                QueueName=self.prefix + worker_id, Attributes={"MessageRetentionPeriod": str(_KEPT_S)}
            )
        self._url = made["QueueUrl"]

    def receive(self, wait_s: int) -> list[Mapping[str, str]]:
        url = self._opened()
        with translated("ReceiveMessage"):
            taken = self.client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=_MOST_AT_ONCE, WaitTimeSeconds=wait_s
            ).get("Messages", [])
            for message in taken:
                self.client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [command for message in taken if (command := _command(message["Body"])) is not None]

    def close(self) -> None:
        """The queue may be gone already; then nothing is left to do."""
        if self._url is None:
            return
        with translated("DeleteQueue"):
            try:
                self.client.delete_queue(QueueUrl=self._url)
            except ClientError as error:
                if code_of(error) not in _GONE:
                    raise
        self._url = None

    def _opened(self) -> str:
        if self._url is None:
            raise RuntimeError("the inbox has not been opened")
        return self._url


def _command(body: str) -> Mapping[str, str] | None:
    """None for what is not a command: whoever sent it, nobody can do anything with it."""
    try:
        read = json.loads(body)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
