from __future__ import annotations

import json
from fnmatch import fnmatchcase

import pytest

from core.adapters.events import SOURCE
from core.domain.events import EventType
from core.domain.knowledge_bases import upload_key
from tests.builders import a_document
from tests.infrastructure.assembly import Assembly, Resource, text


def rule_to(deployment: Assembly, module: str) -> Resource:
    function = deployment.function(module)
    rules = deployment.resources("AWS::Events::Rule", function.stack)
    (rule,) = (r for r in rules if r.properties["Targets"][0]["Arn"] == {"Fn::GetAtt": [function.id, "Arn"]})
    return rule


def taken(rule: Resource) -> set[str]:
    """The types of event that a rule's pattern lets through."""
    patterns = rule.properties["EventPattern"]["detail-type"]
    globs = [pattern if isinstance(pattern, str) else f"{pattern['prefix']}*" for pattern in patterns]
    return {kind.value for kind in EventType if any(fnmatchcase(kind.value, glob) for glob in globs)}


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("events.push", {kind.value for kind in EventType if kind.is_watched}),
        ("events.push_partial", {EventType.TRANSCRIPT_PARTIAL.value}),
        ("events.finalize_recording", {EventType.SESSION_ENDED.value, EventType.RECORDING_EXTENDED.value}),
    ],
)
def test_a_consumer_gets_its_events_of_ours_from_the_bus(deployment: Assembly, module: str, expected: set[str]) -> None:
    rule = rule_to(deployment, module)
    assert rule.properties["EventPattern"]["source"] == [SOURCE]
    assert rule.properties["EventBusName"] == {"Ref": deployment.only("AWS::Events::EventBus").id}
    assert taken(rule) == expected


def test_an_upload_of_a_document_is_indexed_and_nothing_else(deployment: Assembly) -> None:
    rule = rule_to(deployment, "events.index_document")
    assert "EventBusName" not in rule.properties  # S3 tells the account's own bus
    pattern = rule.properties["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])
    assert pattern["detail"]["object"] == {"key": [{"prefix": f"{upload_key(a_document()).split('/')[0]}/"}]}
    assert "Knowledge" in str(pattern["detail"]["bucket"]["name"])


PUSHES = ("events.push", "events.push_partial")


def test_an_event_that_cannot_be_delivered_is_kept(deployment: Assembly) -> None:
    failed = {"Fn::GetAtt": [deployment.only("AWS::SQS::Queue", "events").id, "Arn"]}
    pushes = {deployment.function(module).id for module in PUSHES}
    rules = [r for r in deployment.resources("AWS::Events::Rule", "events") if _target(r) not in pushes]
    for rule in rules:
        (target,) = rule.properties["Targets"]
        assert target["DeadLetterConfig"] == {"Arn": failed}
        assert target["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86_400}
    asynchronous = _asynchronous(deployment)
    assert set(asynchronous) - pushes == {_target(rule) for rule in rules}
    for function in set(asynchronous) - pushes:
        found = asynchronous[function]
        assert found.properties["DestinationConfig"] == {"OnFailure": {"Destination": failed}}
        assert found.properties["MaximumRetryAttempts"] == 2
    stream = deployment.only("AWS::Lambda::EventSourceMapping", "events").properties
    assert stream["DestinationConfig"] == {"OnFailure": {"Destination": failed}}
    assert deployment.only("AWS::SQS::Queue", "events").properties["MessageRetentionPeriod"] == 14 * 86_400


@pytest.mark.parametrize(("module", "retries", "lasts_s"), [("events.push", 2, 600), ("events.push_partial", 0, 60)])
def test_what_was_said_is_told_to_watchers_soon_or_never_and_kept_nowhere(
    deployment: Assembly, module: str, retries: int, lasts_s: int
) -> None:
    (target,) = rule_to(deployment, module).properties["Targets"]
    assert "DeadLetterConfig" not in target
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": lasts_s, "MaximumRetryAttempts": retries}
    invoked = _asynchronous(deployment)[deployment.function(module).id].properties
    assert "DestinationConfig" not in invoked
    assert (invoked["MaximumEventAgeInSeconds"], invoked["MaximumRetryAttempts"]) == (lasts_s, retries)


def _target(rule: Resource) -> str:
    return str(rule.properties["Targets"][0]["Arn"]["Fn::GetAtt"][0])


def _asynchronous(deployment: Assembly) -> dict[str, Resource]:
    found = deployment.resources("AWS::Lambda::EventInvokeConfig")
    return {config.properties["FunctionName"]["Ref"]: config for config in found}


def test_the_relay_reads_new_records_of_the_outbox_and_tries_for_as_long_as_the_bus_is_away(
    deployment: Assembly,
) -> None:
    stream = deployment.only("AWS::Lambda::EventSourceMapping", "events").properties
    assert stream["FunctionName"] == {"Ref": deployment.function("events.relay").id}
    assert "Outbox" in text(stream["EventSourceArn"])
    assert [json.loads(f["Pattern"]) for f in stream["FilterCriteria"]["Filters"]] == [{"eventName": ["INSERT"]}]
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert "MaximumRetryAttempts" not in stream
    assert stream["MaximumRecordAgeInSeconds"] == 7200


def test_the_events_socket_routes_by_action(deployment: Assembly) -> None:
    api = deployment.only("AWS::ApiGatewayV2::Api").properties
    assert (api["ProtocolType"], api["RouteSelectionExpression"]) == ("WEBSOCKET", "$request.body.action")
    integrations = {found.id: found.properties for found in deployment.resources("AWS::ApiGatewayV2::Integration")}
    for route in deployment.resources("AWS::ApiGatewayV2::Route"):
        integration = integrations[text(route.properties["Target"]).split("<")[1].rstrip(">")]
        module = f"websocket.{route.properties['RouteKey'].removeprefix('$')}"
        assert f"<{deployment.function(module).id}.Arn>" in text(integration["IntegrationUri"])
    routes = {route.properties["RouteKey"] for route in deployment.resources("AWS::ApiGatewayV2::Route")}
    assert routes == {"$connect", "$disconnect", "$default", "subscribe", "ping", "end_session"}


def test_functions_answer_on_the_socket_through_its_own_stage(deployment: Assembly) -> None:
    api = deployment.only("AWS::ApiGatewayV2::Api").id
    stage = deployment.only("AWS::ApiGatewayV2::Stage").properties["StageName"]
    for module in (*PUSHES, *(f"websocket.{route}" for route in ("default", "subscribe", "ping", "end_session"))):
        environment = deployment.function(module).properties["Environment"]["Variables"]
        url = text(environment["EVENTS_ENDPOINT_URL"])
        assert url == f"https://<{api}>.execute-api.<AWS::Region>.amazonaws.com/{stage}"


def test_the_sweep_runs_every_minute_and_a_missed_minute_is_not_made_up(deployment: Assembly) -> None:
    schedule = deployment.only("AWS::Scheduler::Schedule", "schedule").properties
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule["State"] == "ENABLED"
    assert schedule["Target"]["Arn"] == {"Fn::GetAtt": [deployment.function("scheduled.sweep").id, "Arn"]}
    assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert deployment.function("scheduled.sweep").properties["Timeout"] < 60
