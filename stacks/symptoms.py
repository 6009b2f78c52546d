"""Alarms on what customers notice, each with a row in docs/operations.md that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks import metrics
from stacks.config import Config

_PERCENTILE = "p95"


@dataclass(frozen=True, slots=True)
class Symptom:
    """Reached when `metric` was at `threshold` or above it in `periods` of five minutes, one after the other.

    `needs_data`: silence is a symptom, too, and then fewer than `threshold` is the alarm.
    """

    name: str
    description: str
    metric: cloudwatch.IMetric
    threshold: float
    periods: int = 2
    needs_data: bool = False


def symptoms(config: Config, handoffs: sqs.IQueue) -> Iterator[Symptom]:
    yield from _of_calls(config)
    yield from _of_the_api(config)
    if config.sip:
        yield from _of_sip(config)
    yield Symptom(
        "WebhooksLate",
        "Webhooks have waited for longer than the longest pause between two attempts that the queue keeps",
        handoffs.metric_approximate_age_of_oldest_message(statistic="Maximum", period=Duration.minutes(5)),
        # The queue holds an attempt back for a quarter of an hour at most.
        threshold=30 * 60,
    )


def _of_calls(config: Config) -> Iterator[Symptom]:
    yield Symptom(
        "TranslationsSlow",
        "One in twenty translations began more than five seconds after its sentence had ended",
        metrics.of_worker(config, "FirstAudioMs", _PERCENTILE),
        threshold=5_000,
        periods=3,
    )
    yield Symptom(
        "RecognitionLags",
        "One in twenty sentences was recognised more than three seconds after it had ended",
        metrics.of_worker(config, "RecognitionMs", _PERCENTILE),
        threshold=3_000,
        periods=3,
    )
    yield Symptom(
        "CallsFaulty",
        "More than one in twenty sentences was lost by a fault of ours or of the engines",
        metrics.of_worker(config, "FaultPercent", "Average"),
        threshold=5,
    )
    yield Symptom(
        "WorkersFull",
        "Workers hold nine tenths of what they take on; at ten tenths new calls are refused",
        metrics.of_worker(config, "Load", "Average"),
        threshold=90,
    )
    if config.workers[0]:
        yield Symptom(
            "WorkersSilent",
            "No worker has told its figures for ten minutes: perhaps none is there",
            metrics.of_worker(config, "Load", "SampleCount"),
            threshold=1,
            needs_data=True,
        )


def _of_the_api(config: Config) -> Iterator[Symptom]:
    yield Symptom(
        "ApiFails",
        "One in a hundred requests was answered with 5xx",
        metrics.of_api(config, "5XXError", "Average"),
        threshold=0.01,
    )
    yield Symptom(
        "ApiSlow",
        "One in twenty requests took more than two seconds",
        metrics.of_api(config, "Latency", _PERCENTILE),
        threshold=2_000,
        periods=3,
    )


def _of_sip(config: Config) -> Iterator[Symptom]:
    yield Symptom(
        "SipCallsNotServed",
        "Calls by SIP were refused for want of a gateway's room, a port, a worker or a table",
        metrics.of_gateway(config, "CallsNotServed"),
        threshold=1,
    )
    yield Symptom(
        "SipGatewaysFull",
        "Gateways hold nine tenths of the calls that they take on; at ten tenths new ones are refused",
        metrics.of_gateway(config, "Load", "Average"),
        threshold=90,
    )


def alarm(scope: Construct, symptom: Symptom) -> cloudwatch.Alarm:
    comparison, missing = cloudwatch.ComparisonOperator, cloudwatch.TreatMissingData
    percentile = isinstance(symptom.metric, cloudwatch.Metric) and symptom.metric.statistic == _PERCENTILE
    return cloudwatch.Alarm(
        scope,
        symptom.name,
        alarm_description=symptom.description,
        metric=symptom.metric,
        threshold=symptom.threshold,
        evaluation_periods=symptom.periods,
        comparison_operator=comparison.LESS_THAN_THRESHOLD
        if symptom.needs_data
        else comparison.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=missing.BREACHING if symptom.needs_data else missing.NOT_BREACHING,
        # One slow call at night is not one in twenty.
        evaluate_low_sample_count_percentile="ignore" if percentile else None,
    )
