"""Calls that somebody has been promised to be placed by SIP, in a queue that gateways read."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.adapters.aws_errors import translated
from core.domain.access import Tenant
from core.sip_ports import SipPromise
from core.telephony_ports import CallPlace

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SqsSipPromises:
    client: SQSClient
    url: str

    def take(self, wait_s: int) -> SipPromise | None:
        with translated("ReceiveMessage"):
            taken = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=1, WaitTimeSeconds=wait_s)
        for message in taken.get("Messages", []):
            try:
                return SipPromise(_place(message["Body"]), message["ReceiptHandle"])
            except (ValueError, KeyError, TypeError):
                # It comes again, and is put aside after some times.
                _log.error("a promise that cannot be read", extra={"message_id": message.get("MessageId")})
        return None

    def keep(self, promise: SipPromise) -> None:
        with translated("DeleteMessage"):
            self.client.delete_message(QueueUrl=self.url, ReceiptHandle=promise.receipt)


def _place(body: str) -> CallPlace:
    """An event as EventBridge delivers it."""
    detail = json.loads(body)["detail"]
    return CallPlace(Tenant.parse(detail["tenant"]), str(detail["session_id"]), str(detail["data"]["leg_id"]))
