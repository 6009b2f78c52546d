"""Calls that are promised → calls that are placed: a queue behind the bus, and the function that dials."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks import carriers
from stacks.config import Config
from stacks.constructs import bundle
from stacks.constructs.function import Function
from stacks.constructs.queue import FailedQueue, Queue
from stacks.data import DataStack
from stacks.events import SOURCE

TYPES = "internal.dial_requested", "internal.hangup_requested"
# The function is stopped before anybody takes its attempt for a lost one (`core.domain.legs.ATTEMPT`), and what it
# could not do comes again after that.
TIMEOUT_S, AGAIN_AFTER_S = 20, 30
# A call that is not placed within 90 s is given up; the rest is for hanging up.
_TRIES = 10


class TelephonyStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: Config,
        data: DataStack,
        bus: events.IEventBus,
        stream_base_url: str,
        public_url: str,
        dials: sqs.IQueue | None,
    ) -> None:
        """`dials`: where gateways wait for calls that go out by SIP; None where there are no gateways."""
        super().__init__(scope, construct_id, description="Kallglot: calls by Twilio and Telnyx")
        failed = FailedQueue(self, "Failed", config)
        queue = Queue(
            self,
            "Calls",
            config,
            retention=Duration.hours(1),
            visibility_timeout=Duration.seconds(AGAIN_AFTER_S),
            dead_letters=sqs.DeadLetterQueue(queue=failed, max_receive_count=_TRIES),
        )
        function = self._function(config, data, stream_base_url, public_url)
        function.add_event_source(
            # One call a time: another one does not wait for a carrier that is slow.
            sources.SqsEventSource(queue, batch_size=1, max_concurrency=10, report_batch_item_failures=True)
        )
        events.Rule(
            self,
            "calls.rule",
            event_bus=bus,
            event_pattern=events.EventPattern(source=[SOURCE], detail_type=list(TYPES)),
            targets=[targets.SqsQueue(queue, dead_letter_queue=failed)],
        )

        if dials is not None:
            self._hand_on(bus, dials, failed)

    def _hand_on(self, bus: events.IEventBus, dials: sqs.IQueue, failed: sqs.IQueue) -> None:
        """Known by its name alone, the queue gets no policy that would name this stack's rule: it has its own."""
        by_name = sqs.Queue.from_queue_arn(self, "Dials", dials.queue_arn)
        events.Rule(
            self,
            "dials.rule",
            event_bus=bus,
            event_pattern=events.EventPattern(
                source=[SOURCE], detail_type=[TYPES[0]], detail={"data": {"carrier": ["sip"]}}
            ),
            targets=[targets.SqsQueue(by_name, dead_letter_queue=failed)],
        )

    def _function(self, config: Config, data: DataStack, stream_base_url: str, public_url: str) -> Function:
        function = Function(
            self,
            "telephony.dial",
            config,
            {
                **carriers.environment(config, data, stream_base_url, public_url),
                "TWILIO_API_URL": config.twilio_api_url,
                "TELNYX_API_URL": config.telnyx_api_url,
            },
            timeout=Duration.seconds(TIMEOUT_S),
            # A whole processor: Telnyx's client is seconds of imports.
            memory_mib=1769,
            group=bundle.TELEPHONY,
        )
        carriers.grant(function, config, data)
        return function
