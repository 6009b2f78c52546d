"""The one way to declare an SQS queue."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.config import Config

_FAILED_KEPT = Duration.days(14)


class Queue(sqs.Queue):
    """Spoken to over TLS alone; kept or dropped with its stack as the profile says."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: Config,
        *,
        retention: Duration,
        visibility_timeout: Duration | None = None,
        dead_letters: sqs.DeadLetterQueue | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=retention,
            visibility_timeout=visibility_timeout,
            dead_letter_queue=dead_letters,
            removal_policy=config.removal_policy,
        )


class FailedQueue(Queue):
    """Where what failed waits for somebody to look at it, as long as SQS keeps anything."""

    def __init__(
        self, scope: Construct, construct_id: str, config: Config, *, visibility_timeout: Duration | None = None
    ) -> None:
        super().__init__(scope, construct_id, config, retention=_FAILED_KEPT, visibility_timeout=visibility_timeout)
