"""What happened, told onwards: outbox stream, bus, and the WebSocket API for those who watch sessions live."""

from __future__ import annotations

from aws_cdk import Aws, CfnOutput, Duration, Stack
from aws_cdk import aws_apigatewayv2 as websockets
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.config import Config
from stacks.constructs import grants
from stacks.constructs.function import Function
from stacks.data import CHUNKS, FILES, DataStack

STAGE = "live"
SOURCE = "kallglot"
PUSHED = "session.", "transcript.", "recording."
FINALIZED = "session.ended", "internal.recording_extended"


class EventsStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, config: Config, data: DataStack) -> None:
        super().__init__(scope, construct_id, description="Kallglot: events, and the socket of those who watch")
        self._config = config
        self._data = data
        self._failed = sqs.Queue(
            self,
            "Failed",
            enforce_ssl=True,
            retention_period=Duration.days(14),
            removal_policy=config.removal_policy,
        )
        self.bus = events.EventBus(self, "Bus", event_bus_name=f"{config.prefix}-events")
        self._api = websockets.WebSocketApi(
            self,
            "Watchers",
            api_name=f"{config.prefix}-events",
            route_selection_expression="$request.body.action",
        )
        self._endpoint_url = config.events_endpoint_url.format(api_id=self._api.api_id, region=Aws.REGION, stage=STAGE)
        self._stage()
        self._routes()
        self._relay()
        self._on("push", self._push(), events.Match.any_of(*(events.Match.prefix(prefix) for prefix in PUSHED)))
        self._on("finalize", self._finalize(), list(FINALIZED))
        self._tell()

    def _stage(self) -> None:
        log = logs.LogGroup(
            self, "AccessLog", retention=self._config.log_retention, removal_policy=self._config.removal_policy
        )
        stage = websockets.WebSocketStage(
            self,
            "Live",
            web_socket_api=self._api,
            stage_name=STAGE,
            auto_deploy=True,
            throttle=websockets.ThrottleSettings(rate_limit=500, burst_limit=1000),
        )
        resource = stage.node.default_child
        assert isinstance(resource, websockets.CfnStage)
        resource.access_log_settings = websockets.CfnStage.AccessLogSettingsProperty(
            destination_arn=log.log_group_arn,
            format='{"request_id":"$context.requestId","route":"$context.routeKey","status":"$context.status",'
            '"connection":"$context.connectionId","time":"$context.requestTime"}',
        )

    def _routes(self) -> None:
        for route, function in {
            "$connect": self._connect(),
            "$disconnect": self._disconnect(),
            "$default": self._default(),
            "subscribe": self._subscribe(),
        }.items():
            integration = integrations.WebSocketLambdaIntegration(f"{route}.integration", function)
            # An answer goes out through the connection; the handshake's status needs none.
            self._api.add_route(route, integration=integration)

    def _connect(self) -> Function:
        function = Function(
            self,
            "websocket.connect",
            self._config,
            {
                "DELIVERIES_TABLE": self._data.deliveries.table_name,
                "ACCESS_TABLE": self._data.access.table_name,
                "SESSIONS_TABLE": self._data.sessions.table_name,
                "API_KEY_PEPPER_SECRET_ARN": self._data.api_key_pepper.secret_arn,
                "STREAM_TOKEN_SECRET_ARN": self._data.stream_token_key.secret_arn,
            },
        )
        grants.on_table(function, self._data.access, "GetItem")
        grants.on_table(function, self._data.sessions, "GetItem")
        grants.on_table(function, self._data.deliveries, "PutItem")
        self._data.api_key_pepper.grant_read(function)
        self._data.stream_token_key.grant_read(function)
        return function

    def _disconnect(self) -> Function:
        environment = {"DELIVERIES_TABLE": self._data.deliveries.table_name}
        function = Function(self, "websocket.disconnect", self._config, environment)
        grants.on_table(function, self._data.deliveries, "DeleteItem")
        grants.query_index(function, self._data.deliveries, "by_target")
        return function

    def _default(self) -> Function:
        function = Function(self, "websocket.default", self._config, self._socket_environment())
        grants.on_table(function, self._data.deliveries, "DeleteItem")
        self._answering(function)
        return function

    def _subscribe(self) -> Function:
        environment = {
            **self._socket_environment(),
            "SESSIONS_TABLE": self._data.sessions.table_name,
            "ACCESS_TABLE": self._data.access.table_name,
        }
        function = Function(self, "websocket.subscribe", self._config, environment)
        grants.on_table(function, self._data.sessions, "GetItem")
        grants.on_table(function, self._data.access, "GetItem")
        grants.on_table(function, self._data.deliveries, "GetItem", "PutItem")
        self._answering(function)
        return function

    def _push(self) -> Function:
        function = Function(self, "events.push", self._config, self._socket_environment())
        grants.on_table(function, self._data.deliveries, "Query", "DeleteItem")
        grants.query_index(function, self._data.deliveries, "by_target")
        self._answering(function)
        return function

    def _socket_environment(self) -> dict[str, str]:
        return {
            "DELIVERIES_TABLE": self._data.deliveries.table_name,
            "EVENTS_ENDPOINT_URL": self._endpoint_url,
        }

    def _answering(self, function: Function) -> None:
        grants.push_to_sockets(function, self, self._api.api_id, STAGE)

    def _relay(self) -> None:
        function = Function(self, "events.relay", self._config, {"EVENT_BUS": self.bus.event_bus_name})
        self.bus.grant_put_events_to(function)
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
                # Without an end, one poisoned record would hold up its shard for a day.
                retry_attempts=20,
                max_record_age=Duration.hours(12),
                on_failure=sources.SqsDlq(self._failed),
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

    def _on(self, name: str, function: Function, types: list[str]) -> None:
        """Deliver events of these types to a function; what it cannot take, or fails at, waits among the failed."""
        function.configure_async_invoke(
            on_failure=destinations.SqsDestination(self._failed), retry_attempts=2, max_event_age=Duration.hours(6)
        )
        target = targets.LambdaFunction(
            function, dead_letter_queue=self._failed, retry_attempts=10, max_event_age=Duration.hours(6)
        )
        pattern = events.EventPattern(source=[SOURCE], detail_type=types)
        events.Rule(self, f"{name}.rule", event_bus=self.bus, event_pattern=pattern, targets=[target])

    def _tell(self) -> None:
        told = {
            "EventsApiId": self._api.api_id,
            "EventsUrl": f"{self._api.api_endpoint}/{STAGE}",
            "EventBus": self.bus.event_bus_name,
        }
        for name, value in told.items():
            CfnOutput(self, name + "Output", value=value).override_logical_id(name)
