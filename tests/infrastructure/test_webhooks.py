"""The way of an event to a customer's URL."""

from __future__ import annotations

from typing import Any

import pytest

from core.adapters.events import SOURCE
from core.domain.events import EventType
from stacks.config import Config
from stacks.webhooks import BATCH
from tests.infrastructure.assembly import IMAGE, Assembly, Resource, text


def queue(deployment: Assembly, name: str) -> Resource:
    (found,) = [queue for queue in deployment.resources("AWS::SQS::Queue") if queue.id[:-8] == name]
    return found


def mapping_to(deployment: Assembly, module: str) -> dict[str, Any]:
    function = deployment.function(module)
    mappings = deployment.resources("AWS::Lambda::EventSourceMapping", "webhooks")
    (found,) = [found for found in mappings if found.properties["FunctionName"] == {"Ref": function.id}]
    return found.properties


def test_every_public_event_of_ours_waits_in_a_queue_to_be_fanned_out(deployment: Assembly) -> None:
    rule = deployment.only("AWS::Events::Rule", "webhooks").properties
    prefixes = tuple(pattern["prefix"] for pattern in rule["EventPattern"]["detail-type"])
    (target,) = rule["Targets"]
    assert rule["EventPattern"]["source"] == [SOURCE]
    public = {kind for kind in EventType if not kind.is_internal}
    assert {kind for kind in EventType if kind.value.startswith(prefixes)} == public | {EventType.WEBHOOK_REPLAY}
    assert deployment.only("AWS::Events::EventBus").id in text(rule["EventBusName"])
    assert "Told" in text(target["Arn"])
    assert "Failed" in text(target["DeadLetterConfig"]["Arn"])
    assert "Told" in text(mapping_to(deployment, "events.fan_out")["EventSourceArn"])


def test_the_queue_is_fair_and_so_it_is_a_standard_one(deployment: Assembly) -> None:
    handoffs = queue(deployment, "Handoffs").properties
    assert "FifoQueue" not in handoffs
    assert handoffs["MessageRetentionPeriod"] == 2 * 86_400
    redrive = handoffs["RedrivePolicy"]
    assert redrive["maxReceiveCount"] == 5
    assert "HandoffsFailed" in text(redrive["deadLetterTargetArn"])


@pytest.mark.parametrize(("module", "name"), [("events.deliver", "Handoffs"), ("events.fan_out", "Told")])
def test_a_message_comes_again_only_when_its_function_must_have_ended(
    deployment: Assembly, module: str, name: str
) -> None:
    timeout = deployment.function(module).properties["Timeout"]
    assert queue(deployment, name).properties["VisibilityTimeout"] >= 3 * timeout


def test_a_request_may_last_as_long_as_is_documented(deployment: Assembly) -> None:
    function = deployment.function("events.deliver").properties
    assert function["Environment"]["Variables"]["WEBHOOK_TIMEOUT_S"] == "30"
    assert function["Timeout"] > 30


@pytest.mark.parametrize(("module", "most"), [("events.deliver", 250), ("events.fan_out", 50)])
def test_messages_fail_one_by_one_and_functions_at_a_time_have_a_limit(
    deployment: Assembly, module: str, most: int
) -> None:
    mapping = mapping_to(deployment, module)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BatchSize"] == BATCH
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": most}


def test_attempts_that_a_fault_of_ours_kept_from_being_made_raise_an_alarm(deployment: Assembly) -> None:
    alarms = deployment.resources("AWS::CloudWatch::Alarm", "webhooks")
    (alarm,) = [each.properties for each in alarms if each.properties["Namespace"] == "AWS/SQS"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 1)
    assert "HandoffsFailed" in text(alarm["Dimensions"][0]["Value"])


def test_one_target_gets_a_tenth_of_the_places() -> None:
    assert Config(webhook_concurrency=250).webhook_places == 25
    assert Config(webhook_concurrency=2).webhook_places == 2


def test_loopback_is_reached_from_a_laptop_only(deployment: Assembly, production: Assembly) -> None:
    for assembly in (deployment, production):
        assert assembly.function("events.deliver").properties["Environment"]["Variables"]["LOCAL_TARGETS"] == "false"
    assert Config(image=IMAGE, profile="local").defaults.local_targets


def test_what_delivers_is_outside_the_network(deployment: Assembly) -> None:
    assert "VpcConfig" not in deployment.function("events.deliver").properties
