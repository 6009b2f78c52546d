"""The figures of one deployment by name.

What the code counts is in `media_worker/telemetry.py`, `media_worker/sip/telemetry.py` and `lambdas/`.
"""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.config import Config

_PERIOD = Duration.minutes(5)
WORKER = "media_worker"
GATEWAY = "sip"


def counted(
    config: Config, service: str, name: str, statistic: str = "Sum", *, label: str | None = None
) -> cloudwatch.Metric:
    """By our own code: `service` is a function's module, or the worker."""
    return cloudwatch.Metric(
        namespace=config.metrics_namespace,
        metric_name=name,
        dimensions_map={"service": service},
        statistic=statistic,
        period=_PERIOD,
        label=label,
    )


def of_worker(config: Config, name: str, statistic: str = "Sum", *, label: str | None = None) -> cloudwatch.Metric:
    return counted(config, WORKER, name, statistic, label=label)


def of_gateway(config: Config, name: str, statistic: str = "Sum", *, label: str | None = None) -> cloudwatch.Metric:
    return counted(config, GATEWAY, name, statistic, label=label)


def of_api(config: Config, name: str, statistic: str = "Sum", *, label: str | None = None) -> cloudwatch.Metric:
    """By API Gateway, of all routes together."""
    return cloudwatch.Metric(
        namespace="AWS/ApiGateway",
        metric_name=name,
        dimensions_map={"ApiName": config.rest_api_name},
        statistic=statistic,
        period=_PERIOD,
        label=label,
    )


def sessions(config: Config) -> cloudwatch.MathExpression:
    """At the same time, on all workers: each says its own number once a minute."""
    return cloudwatch.MathExpression(
        expression="told / 5",
        using_metrics={"told": of_worker(config, "Sessions")},
        period=_PERIOD,
        label="sessions",
    )
