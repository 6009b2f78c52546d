"""The WebSocket API for those who watch sessions live: a function for each route, and two that push."""

from __future__ import annotations

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_apigatewayv2 as websockets
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53_targets as targets

from stacks.config import Config
from stacks.constructs import grants
from stacks.constructs.function import Function
from stacks.constructs.gateway_logs import GatewayLogs
from stacks.data import DataStack
from stacks.names import NamesStack

STAGE = "live"


class Watchers:
    """Part of the events' stack, in a file of its own."""

    def __init__(self, stack: Stack, config: Config, data: DataStack, names: NamesStack | None) -> None:
        self._stack = stack
        self._config = config
        self._data = data
        self._api = websockets.WebSocketApi(
            stack,
            "Watchers",
            api_name=f"{config.prefix}-events",
            route_selection_expression="$request.body.action",
        )
        self.api_id = self._api.api_id
        self.url = f"{self._api.api_endpoint}/{STAGE}"
        stage = self._stage()
        if names is not None:
            self.url = self._name(stage, names)
        self._routes()

    def push(self) -> Function:
        return self._pushes("events.push")

    def push_partial(self) -> Function:
        return self._pushes("events.push_partial")

    def _name(self, stage: websockets.WebSocketStage, names: NamesStack) -> str:
        name = websockets.DomainName(
            self._stack,
            "Domain",
            domain_name=self._config.named("events"),
            certificate=names.certificate,
            endpoint_type=websockets.EndpointType.REGIONAL,
            security_policy=websockets.SecurityPolicy.TLS_1_2,
        )
        websockets.ApiMapping(self._stack, "Mapping", api=self._api, domain_name=name, stage=stage)
        target = targets.ApiGatewayv2DomainProperties(name.regional_domain_name, name.regional_hosted_zone_id)
        names.lead(self._stack, self._config.named("events"), target)
        return f"wss://{self._config.named('events')}"

    def _stage(self) -> websockets.WebSocketStage:
        log = logs.LogGroup(
            self._stack,
            "AccessLog",
            retention=self._config.defaults.log_retention,
            removal_policy=self._config.removal_policy,
        )
        stage = websockets.WebSocketStage(
            self._stack,
            "Live",
            web_socket_api=self._api,
            stage_name=STAGE,
            auto_deploy=True,
            throttle=websockets.ThrottleSettings(rate_limit=500, burst_limit=1000),
        )
        stage.node.add_dependency(GatewayLogs(self._stack, "GatewayLogs").account)
        resource = stage.node.default_child
        assert isinstance(resource, websockets.CfnStage)
        resource.access_log_settings = websockets.CfnStage.AccessLogSettingsProperty(
            destination_arn=log.log_group_arn,
            format='{"request_id":"$context.requestId","route":"$context.routeKey","status":"$context.status",'
            '"connection":"$context.connectionId","time":"$context.requestTime"}',
        )
        return stage

    def _routes(self) -> None:
        for route, function in {
            "$connect": self._connect(),
            "$disconnect": self._disconnect(),
            "$default": self._default(),
            "subscribe": self._subscribe(),
            "ping": self._ping(),
            "end_session": self._end_session(),
        }.items():
            integration = integrations.WebSocketLambdaIntegration(f"{route}.integration", function)
            # An answer goes out through the connection; the handshake's status needs none.
            self._api.add_route(route, integration=integration)

    def _connect(self) -> Function:
        function = self._function(
            "websocket.connect",
            {
                **self._watchers,
                **self._sessions,
                **self._access,
                "API_KEY_PEPPER_SECRET_ARN": self._data.api_key_pepper.secret_arn,
                "STREAM_TOKEN_SECRET_ARN": self._data.stream_token_key.secret_arn,
            },
        )
        grants.find_keys(function, self._data.access)
        grants.on_table(function, self._data.sessions, "GetItem")
        grants.on_table(function, self._data.deliveries, "PutItem", "Query")
        self._data.api_key_pepper.grant_read(function)
        self._data.stream_token_key.grant_read(function)
        return function

    def _disconnect(self) -> Function:
        function = self._function("websocket.disconnect", self._watchers)
        grants.on_table(function, self._data.deliveries, "GetItem", "DeleteItem")
        return function

    def _default(self) -> Function:
        function = self._answers("websocket.default", {})
        grants.on_table(function, self._data.deliveries, "GetItem", "UpdateItem", "DeleteItem")
        return function

    def _subscribe(self) -> Function:
        function = self._answers("websocket.subscribe", self._overheard | self._access, Duration.seconds(25))
        self._keeps_door(function)
        grants.on_table(function, self._data.sessions, "GetItem", "Query")
        grants.on_table(function, self._data.deliveries, "PutItem", "UpdateItem")
        grants.send_to_inboxes(function, self._stack, self._config)
        return function

    def _ping(self) -> Function:
        function = self._answers("websocket.ping", self._overheard | self._access)
        self._keeps_door(function)
        grants.on_table(function, self._data.sessions, "BatchGetItem")
        grants.on_table(function, self._data.deliveries, "UpdateItem")
        grants.send_to_inboxes(function, self._stack, self._config)
        return function

    def _end_session(self) -> Function:
        environment = {
            **self._overheard,
            **self._access,
            "OUTBOX_TABLE": self._data.outbox.table_name,
            "IDLE_TIMEOUT_S": str(self._config.idle_timeout_s),
            "RECONNECT_WINDOW_S": str(self._config.reconnect_window_s),
        }
        function = self._answers("websocket.end_session", environment)
        self._keeps_door(function)
        grants.on_table(function, self._data.sessions, "GetItem", "PutItem")
        grants.leave_seats(function, self._data.sessions)
        grants.on_table(function, self._data.outbox, "PutItem")
        grants.send_to_inboxes(function, self._stack, self._config)
        return function

    def _pushes(self, module: str) -> Function:
        function = self._answers(module, self._overheard, Duration.seconds(30))
        grants.on_table(function, self._data.deliveries, "Query", "GetItem", "UpdateItem", "DeleteItem")
        grants.on_table(function, self._data.sessions, "GetItem")
        grants.send_to_inboxes(function, self._stack, self._config)
        return function

    def _keeps_door(self, function: Function) -> None:
        """Looks at the key again; who is not welcome any more is removed."""
        grants.on_table(function, self._data.access, "GetItem")
        grants.on_table(function, self._data.deliveries, "GetItem", "DeleteItem")

    def _answers(self, module: str, environment: dict[str, str], timeout: Duration | None = None) -> Function:
        url = self._config.events_endpoint_url.format(api_id=self.api_id, region=Aws.REGION, stage=STAGE)
        function = self._function(module, {**self._watchers, "EVENTS_ENDPOINT_URL": url, **environment}, timeout)
        grants.push_to_sockets(function, self._stack, self.api_id, STAGE)
        return function

    def _function(self, module: str, environment: dict[str, str], timeout: Duration | None = None) -> Function:
        return Function(self._stack, module, self._config, environment, timeout=timeout)

    @property
    def _watchers(self) -> dict[str, str]:
        return {"DELIVERIES_TABLE": self._data.deliveries.table_name}

    @property
    def _sessions(self) -> dict[str, str]:
        return {"SESSIONS_TABLE": self._data.sessions.table_name}

    @property
    def _access(self) -> dict[str, str]:
        return {"ACCESS_TABLE": self._data.access.table_name}

    @property
    def _overheard(self) -> dict[str, str]:
        return {**self._sessions, "INBOX_PREFIX": self._config.inbox_prefix}
