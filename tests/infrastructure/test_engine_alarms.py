"""Engines that had to be stepped in for: found in what the worker really writes, and told."""

from __future__ import annotations

import json
import logging
import re
from typing import Any, cast

import pytest

from media_worker.engines.guard import Guard, Stage
from media_worker.engines.ports import Engines
from media_worker.observe import JsonFormatter
from stacks.constructs.engine_alarms import STAGES
from tests.infrastructure.assembly import Assembly

COUNTED = {"EnginesGivenUp": "given_up", "EnginesFellBack": "fell_back"}


def filters(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """By the metric."""
    found = [resource.properties for resource in assembly.resources("AWS::Logs::MetricFilter", "media")]
    return {each["MetricTransformations"][0]["MetricName"]: each for each in found}


def matches(pattern: str, line: str) -> bool:
    """As CloudWatch has it for a JSON line, of what is used here: whole strings, one of which must be the field's."""
    alternatives = re.fullmatch(r"\{ (.+) \}", pattern)
    assert alternatives is not None, pattern
    fields = json.loads(line)
    wanted = [re.fullmatch(r'\(\$\.(\w+) = "([^"*]+)"\)', each) for each in alternatives[1].split(" || ")]
    return any(fields.get(each[1]) == each[2] for each in wanted if each or pytest.fail(pattern))


def written(caplog: pytest.LogCaptureFixture, stage: Stage, what: str) -> str:
    """The line that the worker's log gets, when this happens."""
    caplog.clear()
    Guard(cast(Engines, None), None, lambda: 0.0, lambda: 0.0).count(stage, what, "engine_failed")
    (record,) = caplog.records
    return JsonFormatter().format(record)


@pytest.mark.parametrize("metric", COUNTED)
@pytest.mark.parametrize("stage", Stage)
def test_each_line_that_the_worker_writes_of_it_is_counted_and_no_other(
    production: Assembly, caplog: pytest.LogCaptureFixture, metric: str, stage: Stage
) -> None:
    pattern = filters(production)[metric]["FilterPattern"]
    happened = ("retried", "restarted", "fell_back", "given_up", "recovered")
    counted = [what for what in happened if matches(pattern, written(caplog, stage, what))]
    assert counted == [COUNTED[metric]]


def test_no_stage_is_left_out() -> None:
    assert set(STAGES) == {stage.value for stage in Stage}


def test_a_line_of_another_kind_is_not_counted(production: Assembly) -> None:
    record = logging.LogRecord("media_worker", logging.WARNING, __file__, 1, "translation failed", None, None)
    line = JsonFormatter().format(record)
    assert not any(matches(each["FilterPattern"], line) for each in filters(production).values())


def test_they_are_counted_in_the_log_that_the_worker_writes(production: Assembly) -> None:
    (container,) = production.only("AWS::ECS::TaskDefinition").properties["ContainerDefinitions"]
    log = container["LogConfiguration"]["Options"]["awslogs-group"]
    assert {json.dumps(each["LogGroupName"]) for each in filters(production).values()} == {json.dumps(log)}
    for each in filters(production).values():
        (transformation,) = each["MetricTransformations"]
        assert (transformation["MetricNamespace"], transformation["MetricValue"]) == ("Kallglot/kallglot-prod", "1")


@pytest.mark.parametrize(("metric", "stretches"), [("EnginesGivenUp", 1), ("EnginesFellBack", 3)])
def test_an_alarm_is_raised_at_once_when_engines_are_given_up_and_when_others_go_on_for_long(
    production: Assembly, metric: str, stretches: int
) -> None:
    alarms = [alarm.properties for alarm in production.resources("AWS::CloudWatch::Alarm", "media")]
    (alarm,) = [each for each in alarms if each["MetricName"] == metric]
    assert (alarm["Namespace"], alarm["Statistic"], alarm["Period"]) == ("Kallglot/kallglot-prod", "Sum", 300)
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (1, stretches)
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"


def test_without_second_engines_there_is_nothing_to_be_told(deployment: Assembly) -> None:
    assert not filters(deployment)
    assert not deployment.resources("AWS::CloudWatch::Alarm", "media")
