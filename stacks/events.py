"""What happened, told onwards: outbox stream, bus, its consumers; those who watch have a socket (`stacks.watchers`)."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct

from stacks.config import Config
from stacks.constructs import bundle, grants
from stacks.constructs.function import Function
from stacks.constructs.queue import FailedQueue
from stacks.data import CHUNKS, FILES, PASSAGES, UPLOADS, DataStack
from stacks.names import NamesStack
from stacks.watchers import Watchers

SOURCE = "kallglot"
PUSHED = "session.", "transcript.", "recording.", "agent."
PARTIAL = "internal.transcript_partial"
FINALIZED = "session.ended", "internal.recording_extended"


class EventsStack(Stack):
    def __init__(
        self, scope: Construct, construct_id: str, config: Config, data: DataStack, names: NamesStack | None
    ) -> None:
        super().__init__(scope, construct_id, description="Kallglot: events, and the socket of those who watch")
        self._config = config
        self._data = data
        self.failed = FailedQueue(self, "Failed", config)
        self.bus = events.EventBus(self, "Bus", event_bus_name=config.bus_name)
        self._socket = Watchers(self, config, data, names)
        self.url = self._socket.url
        self._relay()
        self._watched("push", self._socket.push(), events.Match.any_of(*(events.Match.prefix(each) for each in PUSHED)))
        self._watched("push_partial", self._socket.push_partial(), [PARTIAL], lasts_min=1, retry_attempts=0)
        self.finalize = self._finalize()
        self._on("finalize", self.finalize, list(FINALIZED))
        self.index = self._index()
        self._uploaded(self.index)
        self._tell()

    def _relay(self) -> None:
        environment = {"EVENT_BUS": self.bus.event_bus_name, "OUTBOX_TABLE": self._data.outbox.table_name}
        function = Function(self, "events.relay", self._config, environment)
        self.bus.grant_put_events_to(function)
        grants.on_table(function, self._data.outbox, "UpdateItem")
        function.add_event_source(
            sources.DynamoEventSource(
                self._data.outbox,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                # Expired events leave the table by time; only new ones are told.
                filters=[lambda_.FilterCriteria.filter({"eventName": lambda_.FilterRule.is_equal("INSERT")})],
                batch_size=100,
                parallelization_factor=4,
                bisect_batch_on_error=True,
                report_batch_item_failures=True,
                # As long as the bus is away, and not for ever: what is older is told by the hourly repair, which also
                # tells what stands behind a record that the bus does not take.
                max_record_age=Duration.hours(2),
                on_failure=sources.SqsDlq(self.failed),
            )
        )

    def _finalize(self) -> Function:
        function = Function(
            self,
            "events.finalize_recording",
            self._config,
            {
                "SESSIONS_TABLE": self._data.sessions.table_name,
                "ACCESS_TABLE": self._data.access.table_name,
                "OUTBOX_TABLE": self._data.outbox.table_name,
                "RECORDINGS_BUCKET": self._data.recordings.bucket_name,
                "IDLE_TIMEOUT_S": str(self._config.idle_timeout_s),
                "RECONNECT_WINDOW_S": str(self._config.reconnect_window_s),
                "RECORDING_RETENTION_DAYS": str(self._config.recording_retention_days),
            },
            timeout=Duration.minutes(15),
            memory_mib=1024,
        )
        grants.on_table(function, self._data.sessions, "GetItem", "Query", "PutItem")
        grants.on_table(function, self._data.outbox, "PutItem")
        grants.read_objects(function, self._data.recordings, CHUNKS)
        grants.write_objects(function, self._data.recordings, FILES)
        grants.delete_objects(function, self._data.recordings)
        return function

    def _index(self) -> Function:
        function = Function(
            self,
            "events.index_document",
            self._config,
            {
                "SESSIONS_TABLE": self._data.sessions.table_name,
                "KNOWLEDGE_BUCKET": self._data.knowledge.bucket_name,
            },
            timeout=Duration.minutes(3),
            memory_mib=1536,
            group=bundle.DOCUMENTS,
        )
        grants.on_items(function, self._data.sessions, "knowledge#", "GetItem", "PutItem", "UpdateItem")
        grants.read_objects(function, self._data.knowledge, UPLOADS)
        grants.write_objects(function, self._data.knowledge, PASSAGES)
        grants.delete_objects(function, self._data.knowledge)
        return function

    def _uploaded(self, function: Function) -> None:
        """S3 tells of objects on the account's own bus."""
        pattern = events.EventPattern(
            source=["aws.s3"],
            detail_type=["Object Created"],
            detail={
                "bucket": {"name": [self._data.knowledge.bucket_name]},
                "object": {"key": events.Match.prefix(f"{UPLOADS}/")},
            },
        )
        events.Rule(self, "index_document.rule", event_pattern=pattern, targets=[self._kept(function)])

    def _watched(
        self, name: str, function: Function, types: list[str], lasts_min: int = 10, retry_attempts: int = 2
    ) -> None:
        """Deliver to those who watch, soon or never: nothing said in a call is kept for somebody to find later."""
        lasts = Duration.minutes(lasts_min)
        function.configure_async_invoke(retry_attempts=retry_attempts, max_event_age=lasts)
        target = targets.LambdaFunction(function, retry_attempts=retry_attempts, max_event_age=lasts)
        self._rule(name, types, target)

    def _on(self, name: str, function: Function, types: list[str]) -> None:
        """Deliver events of these types to a function."""
        self._rule(name, types, self._kept(function))

    def _kept(self, function: Function) -> targets.LambdaFunction:
        """What it cannot take for a day, or fails at, waits among the failed, from where the hourly repair may call it
        again."""
        function.configure_async_invoke(
            on_failure=destinations.SqsDestination(self.failed), retry_attempts=2, max_event_age=Duration.hours(6)
        )
        return targets.LambdaFunction(
            function, dead_letter_queue=self.failed, retry_attempts=185, max_event_age=Duration.hours(24)
        )

    def _rule(self, name: str, types: list[str], target: targets.LambdaFunction) -> None:
        pattern = events.EventPattern(source=[SOURCE], detail_type=types)
        events.Rule(self, f"{name}.rule", event_bus=self.bus, event_pattern=pattern, targets=[target])

    def _tell(self) -> None:
        told = {
            "EventsApiId": self._socket.api_id,
            "EventsUrl": self._socket.url,
            "EventBus": self.bus.event_bus_name,
        }
        for name, value in told.items():
            CfnOutput(self, name + "Output", value=value).override_logical_id(name)
