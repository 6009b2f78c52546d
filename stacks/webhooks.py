"""Events to customers: from the bus to a delivery for each endpoint, through one fair queue, to their URLs."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.config import Config
from stacks.constructs import grants
from stacks.constructs.function import Function
from stacks.constructs.queue import FailedQueue, Queue
from stacks.data import DataStack
from stacks.events import SOURCE

FANNED_OUT = "session.", "transcript.", "recording.", "agent.", "analysis.", "webhook.", "internal.webhook_replay"
BATCH = 10


class WebhooksStack(Stack):
    """No function here is in the VPC: from outside, nothing private can be reached, whatever a URL says."""

    def __init__(
        self, scope: Construct, construct_id: str, config: Config, data: DataStack, bus: events.IEventBus
    ) -> None:
        super().__init__(scope, construct_id, description="Kallglot: webhooks")
        self._config = config
        self._data = data
        lasts = Duration.minutes(3)
        self.failed = FailedQueue(self, "Failed", config, visibility_timeout=lasts)
        again = sqs.DeadLetterQueue(max_receive_count=5, queue=self.failed)
        self.told = Queue(
            self, "Told", config, retention=Duration.days(4), visibility_timeout=lasts, dead_letters=again
        )
        self._onto(self.told, bus, self.failed)
        self._from(self.told, self._fan_out(), config.fan_out_concurrency)
        self._from(data.handoffs, self._deliver(), config.webhook_concurrency)
        self._alarm(data.handoffs_failed)

    def _alarm(self, failed: sqs.IQueue) -> None:
        failed.metric_approximate_number_of_messages_visible(statistic="Maximum").create_alarm(
            self,
            "AttemptsGivenUp",
            alarm_description="Webhooks were not attempted by a fault of ours; the sweep hands them over again",
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _fan_out(self) -> Function:
        function = Function(
            self,
            "events.fan_out",
            self._config,
            {
                "DELIVERIES_TABLE": self._data.deliveries.table_name,
                "OUTBOX_TABLE": self._data.outbox.table_name,
                "HANDOFFS_QUEUE_URL": self._data.handoffs.queue_url,
            },
            timeout=Duration.seconds(60),
        )
        grants.on_table(function, self._data.deliveries, "GetItem", "Query", "PutItem")
        # Of a replay: a page of what happened, and the next page as an event of its own.
        grants.on_table(function, self._data.outbox, "BatchGetItem", "PutItem")
        grants.query_index(function, self._data.outbox, "by_tenant")
        grants.send_to_queue(function, self._data.handoffs)
        return function

    def _deliver(self) -> Function:
        function = Function(
            self,
            "events.deliver",
            self._config,
            {
                "DELIVERIES_TABLE": self._data.deliveries.table_name,
                "OUTBOX_TABLE": self._data.outbox.table_name,
                "HANDOFFS_QUEUE_URL": self._data.handoffs.queue_url,
                "WEBHOOK_KEY_SECRET_ARN": self._data.webhook_key.secret_arn,
                "WEBHOOK_TIMEOUT_S": str(self._config.webhook_timeout_s),
                "WEBHOOK_PLACES": str(self._config.webhook_places),
                "LOCAL_TARGETS": str(self._config.defaults.local_targets).lower(),
            },
            timeout=Duration.seconds(60),
        )
        grants.on_table(function, self._data.deliveries, "GetItem", "PutItem", "UpdateItem", "DeleteItem")
        grants.on_table(function, self._data.outbox, "GetItem", "PutItem")
        grants.send_to_queue(function, self._data.handoffs)
        self._data.webhook_key.grant_read(function)
        return function

    def _onto(self, told: sqs.Queue, bus: events.IEventBus, failed: sqs.Queue) -> None:
        """A queue between bus and function: a burst waits there, and does not start a function for each event."""
        target = targets.SqsQueue(told, dead_letter_queue=failed, retry_attempts=10, max_event_age=Duration.hours(6))
        types = events.Match.any_of(*(events.Match.prefix(prefix) for prefix in FANNED_OUT))
        pattern = events.EventPattern(source=[SOURCE], detail_type=types)
        events.Rule(self, "fan_out.rule", event_bus=bus, event_pattern=pattern, targets=[target])

    def _from(self, queue: sqs.Queue, function: Function, concurrency: int) -> None:
        function.add_event_source(
            sources.SqsEventSource(
                queue, batch_size=BATCH, max_concurrency=concurrency, report_batch_item_failures=True
            )
        )
