"""The way in for carriers: `/v1/telephony`, without an API key; the function behind it checks who has signed."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from stacks.config import Config
from stacks.constructs import bundle, grants
from stacks.constructs.function import Function
from stacks.data import DataStack

PATHS = (
    "/v1/telephony/twilio/voice",
    "/v1/telephony/twilio/status",
    "/v1/telephony/telnyx/voice",
    "/v1/telephony/telnyx/status",
)


def environment(config: Config, data: DataStack, stream_base_url: str, public_url: str) -> dict[str, str]:
    """What every function needs that speaks with carriers."""
    return {
        "SESSIONS_TABLE": data.sessions.table_name,
        "ACCESS_TABLE": data.access.table_name,
        "OUTBOX_TABLE": data.outbox.table_name,
        "STREAM_TOKEN_SECRET_ARN": data.stream_token_key.secret_arn,
        "STREAM_BASE_URL": stream_base_url,
        "PUBLIC_URL": public_url,
        "IDLE_TIMEOUT_S": str(config.idle_timeout_s),
        "RECONNECT_WINDOW_S": str(config.reconnect_window_s),
    }


def grant(function: Function, config: Config, data: DataStack) -> None:
    grants.on_table(function, data.sessions, "GetItem", "Query", "PutItem")
    grants.on_table(function, data.access, "GetItem", "PutItem")
    grants.on_table(function, data.outbox, "PutItem")
    data.stream_token_key.grant_read(function)
    grants.read_connections(function, function.stack, config)


def webhooks(
    scope: Construct, config: Config, data: DataStack, stream_base_url: str, public_url: str, docs_url: str
) -> Function:
    function = Function(
        scope,
        "telephony.webhooks",
        config,
        {
            **environment(config, data, stream_base_url, public_url),
            "KALLGLOT_ENGINES": config.engines,
            "DOCS_URL": docs_url,
            "CONNECTION_SECRETS": config.connection_secrets,
        },
        # A carrier gives up on an answer after 15 s.
        timeout=Duration.seconds(10),
        memory_mib=1024,
        group=bundle.TELEPHONY,
    )
    grant(function, config, data)
    grants.leave_seats(function, data.sessions)
    grants.read_usage(function, data.sessions)
    return function


def route(api: apigateway.RestApi, function: Function) -> None:
    integration = apigateway.LambdaIntegration(function, scope_permission_to_method=False)
    for path in PATHS:
        resource = api.root.resource_for_path(path)
        for method in ("POST", "ANY"):
            resource.add_method(method, integration, authorization_type=apigateway.AuthorizationType.NONE)
