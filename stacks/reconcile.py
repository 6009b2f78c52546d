"""Once an hour: what got lost on its way, told again, and an alarm that it did get lost."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks import metrics
from stacks.config import Config
from stacks.constructs import grants
from stacks.constructs.function import Function
from stacks.data import DataStack
from stacks.events import EventsStack
from stacks.webhooks import WebhooksStack

MODULE = "scheduled.reconcile"
_ALARMS = {
    "EventsUnpublished": "Events were not on the bus a quarter of an hour after they happened; they have been told now",
    "EventsUnreadable": "The outbox holds what nobody can read, or what the bus does not take",
    "CallsGivenUp": "Failed calls are left for somebody to look at, in a queue of the failed",
}


class ReconcileStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: Config,
        data: DataStack,
        events: EventsStack,
        webhooks: WebhooksStack,
    ) -> None:
        super().__init__(scope, construct_id, description="Kallglot: the repair, once an hour")
        queues: list[sqs.IQueue] = [events.failed, webhooks.failed]
        # Which do no harm when they are called late, or twice; and the queue before another such.
        again = [events.finalize, events.index]
        told = webhooks.told
        function = Function(
            self,
            MODULE,
            config,
            {
                "EVENT_BUS": events.bus.event_bus_name,
                "OUTBOX_TABLE": data.outbox.table_name,
                "FAILED_QUEUE_URLS": ",".join(queue.queue_url for queue in queues),
                "REDRIVEN": ",".join([*(each.function_arn for each in again), told.queue_arn]),
            },
            timeout=Duration.minutes(5),
        )
        events.bus.grant_put_events_to(function)
        grants.on_table(function, data.outbox, "GetItem", "UpdateItem")
        grants.query_index(function, data.outbox, "unpublished")
        grants.take_from_queues(function, queues)
        grants.invoke(function, again)
        grants.send_to_queue_by_name(function, told)
        self._schedule(function)
        self._alarms(config)

    def _schedule(self, function: Function) -> None:
        scheduler.Schedule(
            self,
            "EveryHour",
            schedule=scheduler.ScheduleExpression.rate(Duration.hours(1)),
            target=targets.LambdaInvoke(function, retry_attempts=2, max_event_age=Duration.minutes(30)),
        )

    def _alarms(self, config: Config) -> None:
        for name, description in _ALARMS.items():
            metrics.counted(config, MODULE, name).with_(statistic="Maximum", period=Duration.hours(1)).create_alarm(
                self,
                name,
                alarm_description=description,
                threshold=1,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
