"""What every function has, and that its environment is the one its code reads."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from lambdas.runtime import settings
from media_worker.settings import WorkerSettings
from tests.infrastructure.assembly import Assembly, Resource, text

SETTINGS: dict[str, type[settings.Settings]] = {
    "rest.app": settings.RestSettings,
    "authorizer.app": settings.AuthorizerSettings,
    "websocket.connect": settings.ConnectSettings,
    "websocket.disconnect": settings.WatcherSettings,
    "websocket.default": settings.PushSettings,
    "websocket.subscribe": settings.SubscribeSettings,
    "websocket.ping": settings.SubscribeSettings,
    "websocket.end_session": settings.EndSessionSettings,
    "events.relay": settings.RelaySettings,
    "events.push": settings.OverhearSettings,
    "events.push_partial": settings.OverhearSettings,
    "events.finalize_recording": settings.FinalizeSettings,
    "events.index_document": settings.IndexSettings,
    "events.fan_out": settings.FanOutSettings,
    "events.deliver": settings.DeliverSettings,
    "scheduled.sweep": settings.SweepSettings,
    "telephony.dial": settings.DialSettings,
    "telephony.webhooks": settings.CarrierWebhookSettings,
    "scheduled.reconcile": settings.ReconcileSettings,
}


def functions(deployment: Assembly) -> dict[str, Resource]:
    found = deployment.resources("AWS::Lambda::Function")
    return {f.properties["Handler"].removeprefix("lambdas.").removesuffix(".handler"): f for f in found}


def environment(function: Resource) -> dict[str, str]:
    variables: dict[str, Any] = function.properties["Environment"]["Variables"]
    return {name: text(value) for name, value in variables.items()}


def test_every_handler_is_deployed_and_every_deployed_handler_exists(deployment: Assembly) -> None:
    assert set(functions(deployment)) == set(SETTINGS)
    for module in SETTINGS:
        assert callable(importlib.import_module(f"lambdas.{module}").handler)


@pytest.mark.parametrize("module", SETTINGS)
def test_a_function_is_given_what_its_settings_read_and_nothing_more(deployment: Assembly, module: str) -> None:
    given = environment(deployment.function(module))
    model = SETTINGS[module]
    model.read(given)
    assert set(given) == {field.alias for field in model.model_fields.values()}


def test_the_worker_is_given_what_its_settings_read(deployment: Assembly) -> None:
    task = deployment.only("AWS::ECS::TaskDefinition")
    (container,) = task.properties["ContainerDefinitions"]
    given = {variable["Name"]: text(variable["Value"]) for variable in container["Environment"]}
    read = WorkerSettings.read(given)
    known = {field.alias for field in WorkerSettings.model_fields.values()}
    # The region is read by the AWS SDK itself, and not under the name that ECS gives it.
    assert set(given) - known <= {"AWS_DEFAULT_REGION"}
    # The container listens on all of its own addresses, two are set by ECS in every task, one is the tests' alone; all
    # else is said.
    assert known - set(given) == {"HOST", "ECS_AGENT_URI", "ECS_CONTAINER_METADATA_URI_V4", "RELIEF_TURN_S"}
    assert read.port == container["PortMappings"][0]["ContainerPort"]


def test_a_function_runs_as_configured_with_a_limit_on_its_time(deployment: Assembly) -> None:
    for function in functions(deployment).values():
        assert function.properties["Runtime"] == "python3.14"
        assert function.properties["Architectures"] == ["arm64"]
        assert 0 < function.properties["Timeout"] <= 900
        assert function.properties["TracingConfig"] == {"Mode": "Active"}


def test_a_function_logs_into_a_group_of_its_own_that_forgets(deployment: Assembly) -> None:
    kept = {
        (log.stack, log.id): log.properties["RetentionInDays"] for log in deployment.resources("AWS::Logs::LogGroup")
    }
    groups = [(f.stack, f.properties["LoggingConfig"]["LogGroup"]["Ref"]) for f in functions(deployment).values()]
    assert len(set(groups)) == len(groups)
    assert {kept[group] for group in groups} == {14}


def test_every_log_group_forgets(deployment: Assembly, production: Assembly) -> None:
    for assembly, days in ((deployment, 14), (production, 90)):
        assert {log.properties["RetentionInDays"] for log in assembly.resources("AWS::Logs::LogGroup")} == {days}


def test_an_error_of_any_function_raises_an_alarm(deployment: Assembly) -> None:
    watched = {
        (alarm.stack, alarm.properties["Dimensions"][0]["Value"]["Ref"])
        for alarm in deployment.resources("AWS::CloudWatch::Alarm")
        if (alarm.properties["Namespace"], alarm.properties["MetricName"]) == ("AWS/Lambda", "Errors")
    }
    assert watched == {(function.stack, function.id) for function in functions(deployment).values()}


def test_no_two_functions_share_a_role(deployment: Assembly) -> None:
    roles = [deployment.role_of(function).id for function in functions(deployment).values()]
    assert len(set(roles)) == len(roles)
