"""The queue of calls that gateways place, and who may put a promise into it."""

from __future__ import annotations

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.config import Config
from stacks.constructs.queue import FailedQueue, Queue

# What one gateway does not take away comes to the next, until no gateway can be dialing any more
# (`core.services.sip_dialing.DIALED_WITHIN`).
AGAIN_AFTER_S = 30
_TRIES = 10


class DialQueue(Construct):
    """There before the bus is: the rule that fills it belongs to a stack that is deployed later, and any rule of the
    deployment's bus may."""

    def __init__(self, scope: Construct, construct_id: str, config: Config) -> None:
        super().__init__(scope, construct_id)
        failed = FailedQueue(self, "Failed", config)
        self.queue = Queue(
            self,
            "Calls",
            config,
            retention=Duration.hours(1),
            visibility_timeout=Duration.seconds(AGAIN_AFTER_S),
            dead_letters=sqs.DeadLetterQueue(queue=failed, max_receive_count=_TRIES),
        )
        rules = Stack.of(self).format_arn(
            service="events",
            resource="rule",
            resource_name=f"{config.bus_name}/*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": rules}},
            )
        )
