"""Counted from the worker's log, and told: that the second engines had to step in for the first."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.config import Config

STAGES = ("recognition", "translation", "speech")
# By what the log says happened: the metric, how many stretches of five minutes with one raise the alarm, its text.
# A single piece of work that fell back is what the others are there for; a quarter of an hour of it is not.
_COUNTED = {
    "given_up": ("EnginesGivenUp", 1, "The first engines failed three times in a row: the second do all of a stage"),
    "fell_back": (
        "EnginesFellBack",
        3,
        "The second engines have been doing work of the first for a quarter of an hour",
    ),
}


class EngineAlarms(Construct):
    """Metric filters on `log`, where `media_worker.engines.guard` writes a line for each such thing, and alarms."""

    def __init__(self, scope: Construct, construct_id: str, config: Config, log: logs.ILogGroup) -> None:
        super().__init__(scope, construct_id)
        for what, (name, stretches, description) in _COUNTED.items():
            counted = log.add_metric_filter(
                name,
                filter_pattern=_pattern(what),
                metric_namespace=config.metrics_namespace,
                metric_name=name,
                metric_value="1",
            )
            self._alarm(name, counted, stretches, description)

    def _alarm(self, name: str, counted: logs.MetricFilter, stretches: int, description: str) -> None:
        counted.metric(statistic="Sum", period=Duration.minutes(5)).create_alarm(
            self,
            name,
            alarm_description=description,
            threshold=1,
            evaluation_periods=stretches,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


def _pattern(what: str) -> logs.IFilterPattern:
    """One of the whole messages: no pattern of words, which would find them anywhere in a line."""
    lines = [logs.FilterPattern.string_value("$.message", "=", f"engines: {stage} {what}") for stage in STAGES]
    return logs.FilterPattern.any(*lines)
