"""The clock: one sweep a minute over what is due, whatever the workers did or failed to do."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from stacks.config import Config
from stacks.constructs import grants
from stacks.constructs.function import Function
from stacks.data import DataStack


class ScheduleStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, config: Config, data: DataStack) -> None:
        super().__init__(scope, construct_id, description="Kallglot: the sweep, once a minute")
        sweep = Function(
            self,
            "scheduled.sweep",
            config,
            {
                "SESSIONS_TABLE": data.sessions.table_name,
                "ACCESS_TABLE": data.access.table_name,
                "OUTBOX_TABLE": data.outbox.table_name,
                "DELIVERIES_TABLE": data.deliveries.table_name,
                "HANDOFFS_QUEUE_URL": data.handoffs.queue_url,
                "INBOX_PREFIX": config.inbox_prefix,
                "IDLE_TIMEOUT_S": str(config.idle_timeout_s),
                "RECONNECT_WINDOW_S": str(config.reconnect_window_s),
            },
            timeout=Duration.seconds(50),
        )
        grants.on_table(sweep, data.sessions, "GetItem", "PutItem")
        grants.leave_seats(sweep, data.sessions)
        grants.query_index(sweep, data.sessions, "due")
        grants.on_table(sweep, data.access, "GetItem")
        grants.on_table(sweep, data.outbox, "PutItem")
        grants.send_to_inboxes(sweep, self, config)
        grants.query_index(sweep, data.deliveries, "due")
        grants.on_table(sweep, data.deliveries, "UpdateItem")
        grants.send_to_queue(sweep, data.handoffs)
        self._alarm(sweep)
        scheduler.Schedule(
            self,
            "EveryMinute",
            schedule=scheduler.ScheduleExpression.rate(Duration.minutes(1)),
            # A missed minute is made up for by the next one.
            target=targets.LambdaInvoke(sweep, retry_attempts=0, max_event_age=Duration.minutes(1)),
        )

    def _alarm(self, sweep: Function) -> None:
        """Nothing else would tell that nobody looks any more."""
        sweep.metric_invocations(period=Duration.minutes(5)).create_alarm(
            self,
            "NotRunning",
            alarm_description="Nobody has swept for ten minutes: what is idle or abandoned goes on",
            threshold=1,
            evaluation_periods=2,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
