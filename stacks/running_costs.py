"""What a session-minute costs now: the list prices of what runs, shared by the sessions that are there.

Traffic, tables and functions are not in it, which cost by use: `python -m bench.costs` reckons them.
"""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks import metrics
from stacks.config import Config
from stacks.network import interface_endpoints
from stacks.prices import HOURS_PER_MONTH, Prices

_PERIOD = Duration.minutes(5)
_FIREWALLS = 2


def worker_h(config: Config, prices: Prices) -> float:
    """A worker, $ an hour: of a shared GPU as if each worker had one to itself."""
    return prices.task_h if config.gpu == "none" else prices.gpu_h


def fixed_h(config: Config, prices: Prices) -> float:
    """What is there without a worker, $ an hour: balancer, network, firewalls, and the fewest gateways for SIP."""
    endpoints = len(interface_endpoints(config)) * config.zone_count if config.has_endpoints else 0
    network_h = config.nat_gateways * prices.nat_h + endpoints * prices.endpoint_h
    firewalls_h = _FIREWALLS * prices.firewall_month / HOURS_PER_MONTH if config.has_firewall else 0.0
    return prices.alb_h + network_h + firewalls_h + sip_h(config, prices)


def sip_h(config: Config, prices: Prices) -> float:
    """A load balancer with an address in each zone, and gateways; nothing where no calls come by SIP."""
    if not config.sip:
        return 0.0
    return prices.nlb_h + config.zone_count * prices.public_address_h + config.sip_tasks[0] * prices.gateway_h


def workers(config: Config) -> cloudwatch.MathExpression:
    """How many there are, superseded ones too: each tells its sessions once a minute."""
    return cloudwatch.MathExpression(
        expression="told / 5",
        using_metrics={"told": metrics.of_worker(config, "Sessions", "SampleCount")},
        period=_PERIOD,
        label="workers",
    )


def an_hour(config: Config, prices: Prices) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(
        expression=f"running / 5 * {worker_h(config, prices):.5f} + {fixed_h(config, prices):.5f}",
        using_metrics={"running": metrics.of_worker(config, "Sessions", "SampleCount")},
        period=_PERIOD,
        label="$ an hour",
    )


def a_session_minute(config: Config, prices: Prices) -> cloudwatch.MathExpression:
    """Nothing while there are no sessions. Both counts are sums of five minutes, one a minute and worker."""
    engines_min = prices.managed_engines_min if config.engines == "aws" else 0.0
    minute = f"(running * {worker_h(config, prices):.5f} + 5 * {fixed_h(config, prices):.5f}) / 60"
    return cloudwatch.MathExpression(
        expression=f"IF(held > 0, {minute} / held + {engines_min:.5f})",
        using_metrics={
            "running": metrics.of_worker(config, "Sessions", "SampleCount"),
            "held": metrics.of_worker(config, "Sessions"),
        },
        period=_PERIOD,
        label="$ a session-minute",
    )
