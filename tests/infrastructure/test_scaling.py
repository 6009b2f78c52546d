"""How many workers there are, and that nobody who holds calls is stopped for there being too many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from media_worker.telemetry import SERVICE, UNITS
from stacks.config import Config
from tests.infrastructure.assembly import IMAGE, Assembly, synthesize


def policies(assembly: Assembly) -> list[dict[str, Any]]:
    found = assembly.resources("AWS::ApplicationAutoScaling::ScalingPolicy")
    return [each.properties["TargetTrackingScalingPolicyConfiguration"] for each in found]


def test_workers_are_between_what_the_profile_says(deployment: Assembly, production: Assembly) -> None:
    for assembly, limits in ((deployment, (1, 4)), (production, (2, 20))):
        target = assembly.only("AWS::ApplicationAutoScaling::ScalableTarget").properties
        assert (target["MinCapacity"], target["MaxCapacity"]) == limits
        assert target["ScalableDimension"] == "ecs:service:DesiredCount"
        # A number in the template would be set again by every deployment, whatever scaling had made of it.
        assert "DesiredCount" not in assembly.only("AWS::ECS::Service").properties


def test_they_follow_the_load_that_they_tell_and_their_processors(deployment: Assembly) -> None:
    by_load = next(each for each in policies(deployment) if "CustomizedMetricSpecification" in each)
    metric = by_load["CustomizedMetricSpecification"]
    assert (metric["Namespace"], metric["MetricName"]) == ("Kallglot/kallglot-dev", "Load")
    assert metric["Dimensions"] == [{"Name": "service", "Value": SERVICE}]
    assert metric["Statistic"] == "Average"
    assert metric["MetricName"] in UNITS
    by_cpu = next(each for each in policies(deployment) if "PredefinedMetricSpecification" in each)
    assert by_cpu["PredefinedMetricSpecification"]["PredefinedMetricType"] == "ECSServiceAverageCPUUtilization"
    assert len(policies(deployment)) == 2


def test_there_are_more_at_once_and_fewer_in_time(deployment: Assembly) -> None:
    for policy in policies(deployment):
        assert policy["TargetValue"] == 60
        assert policy["ScaleOutCooldown"] <= 60
        assert policy["ScaleInCooldown"] == 600
        assert not policy.get("DisableScaleIn")


def test_a_worker_may_protect_itself_from_being_one_too_many(deployment: Assembly) -> None:
    (role,) = (role for role in deployment.resources("AWS::IAM::Role", "media") if "TaskRole" in role.id)
    actions = {action for statement in deployment.statements(role) for action in statement["Action"]}
    assert "ecs:UpdateTaskProtection" in actions


def test_the_same_number_twice_is_not_scaled(tmp_path: Path) -> None:
    fixed = synthesize(tmp_path, Config(image=IMAGE, min_tasks=3, max_tasks=3))
    assert fixed.only("AWS::ECS::Service").properties["DesiredCount"] == 3
    assert not fixed.resources("AWS::ApplicationAutoScaling::ScalableTarget")
