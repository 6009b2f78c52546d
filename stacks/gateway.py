"""The REST API itself: its stage, what it logs, and the host that it answers at."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.config import Config

STAGE = "api"


def rest_api(scope: Construct, config: Config) -> apigateway.RestApi:
    access_log = logs.LogGroup(
        scope, "AccessLog", retention=config.defaults.log_retention, removal_policy=config.removal_policy
    )
    return apigateway.RestApi(
        scope,
        "Rest",
        rest_api_name=config.rest_api_name,
        endpoint_types=[apigateway.EndpointType.REGIONAL],
        deploy_options=apigateway.StageOptions(
            stage_name=STAGE,
            tracing_enabled=True,
            metrics_enabled=True,
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            throttling_rate_limit=500,
            throttling_burst_limit=1000,
            access_log_destination=apigateway.LogGroupLogDestination(access_log),
            access_log_format=_access_log_format(),
        ),
    )


def host(api: apigateway.RestApi) -> str:
    """Not out of `api.url`, which would make the function wait for the stage, and the stage for the function."""
    stack = Stack.of(api)
    return f"{api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}"


def _access_log_format() -> apigateway.AccessLogFormat:
    """Who, what, how long: neither a header nor a query string, where keys and tokens travel."""
    field = apigateway.AccessLogField
    return apigateway.AccessLogFormat.custom(
        "{"
        f'"request_id":"{field.context_request_id()}","time":"{field.context_request_time()}",'
        f'"ip":"{field.context_identity_source_ip()}","method":"{field.context_http_method()}",'
        f'"path":"{field.context_path()}","status":"{field.context_status()}",'
        f'"latency_ms":"{field.context_response_latency()}","bytes":"{field.context_response_length()}",'
        f'"organization":"{field.context_authorizer("org")}","trace_id":"{field.context_xray_trace_id()}"'
        "}"
    )
