"""The dashboard and the alarms: what they show is counted, and whoever is called knows what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from aws_cdk import App, Stack
from aws_cdk import aws_sqs as sqs

from core.services.delivering import Done
from media_worker.sip import telemetry as gateways
from media_worker.telemetry import SERVICE, UNITS
from stacks.config import Config
from stacks.symptoms import symptoms
from tests.infrastructure.assembly import IMAGE, ROOT, Assembly, Resource, synthesize, text

NAMESPACE = "Kallglot/kallglot-dev"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:pager"
RUNBOOK = (ROOT / "docs" / "operations.md").read_text()
SYMPTOMS = {
    "ApiFails",
    "ApiSlow",
    "CallsFaulty",
    "RecognitionLags",
    "TranslationsSlow",
    "WebhooksLate",
    "WorkersFull",
    "WorkersSilent",
}


OF_SIP = {"SipCallsNotServed", "SipGatewaysFull"}


def widgets(assembly: Assembly) -> list[dict[str, Any]]:
    board = assembly.only("AWS::CloudWatch::Dashboard").properties
    found: list[dict[str, Any]] = json.loads(text(board["DashboardBody"]))["widgets"]
    return found


def shown(assembly: Assembly) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Namespace, name and dimensions of every metric on the dashboard."""
    for widget in widgets(assembly):
        for metric in widget["properties"].get("metrics", []):
            if isinstance(metric[0], str):
                namespace, name, *dimensions = [part for part in metric if isinstance(part, str)]
                yield namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True))


def watched(alarm: Resource) -> tuple[str, str, dict[str, str]]:
    """One metric each: the emulator, and so every test against it, knows no arithmetic in alarms."""
    metric = alarm.properties
    return (
        metric["Namespace"],
        metric["MetricName"],
        {each["Name"]: text(each["Value"]) for each in metric["Dimensions"]},
    )


def counted() -> dict[str, set[str]]:
    """What the code counts, by service."""
    outcomes = {"".join(word.title() for word in done.split("_")) for done in Done} | {"NotAttempted"}
    return {
        SERVICE: set(UNITS),
        gateways.SERVICE: set(gateways.UNITS),
        "events.deliver": {f"Webhook{outcome}" for outcome in outcomes},
        "scheduled.sweep": set(re.findall(r'name="(\w+)"', source("scheduled/sweep.py"))),
        "scheduled.reconcile": set(re.findall(r'"([A-Z]\w+)":', source("scheduled/reconcile.py"))),
    }


def source(module: str) -> str:
    return (ROOT / "lambdas" / module).read_text()


def name_of(alarm: Resource) -> str:
    return re.sub(r"[0-9A-F]{8}$", "", alarm.id)


def test_what_the_dashboard_shows_is_counted_by_the_code_or_by_aws(deployment: Assembly) -> None:
    found = list(shown(deployment))
    ours = [(dimensions["service"], name) for namespace, name, dimensions in found if namespace == NAMESPACE]
    assert len(ours) > 10
    code = counted()
    assert [(service, name) for service, name in ours if name not in code[service]] == []
    others = {(namespace, dimensions["ApiName"]) for namespace, _, dimensions in found if namespace != NAMESPACE}
    assert others == {("AWS/ApiGateway", deployment.only("AWS::ApiGateway::RestApi").properties["Name"])}


def test_it_shows_calls_latency_lag_webhooks_and_errors(deployment: Assembly) -> None:
    titles = " ".join(widget["properties"]["title"] for widget in widgets(deployment))
    for word in ("Sessions", "first translated sound", "Recognition", "Webhooks", "Errors", "list prices"):
        assert word in titles
    audio = next(w["properties"] for w in widgets(deployment) if "first translated" in w["properties"]["title"])
    assert [metric[-1]["stat"] for metric in audio["metrics"]] == ["p50", "p95"]


def test_it_shows_calls_by_sip_where_there_are_any(deployment: Assembly, sip: Assembly) -> None:
    dimensions = {"service": gateways.SERVICE}
    found = {name for _, name, said in shown(sip) if said == dimensions}
    assert found == {"CallsTaken", "CallsRefused", "CallsNotServed", "Load", "LostPercent", "JitterMs"}
    assert found <= set(gateways.UNITS)
    assert not [name for _, name, said in shown(deployment) if said == dimensions]


def test_widgets_lie_beside_each_other_and_none_over_another(sip: Assembly) -> None:
    rows = sorted((widget["y"], widget["x"], widget["width"]) for widget in widgets(sip))
    for (y, x, width), (next_y, next_x, _) in pairwise(rows):
        assert next_y > y or next_x >= x + width


def test_symptoms_raise_alarms_in_production_and_on_demand_elsewhere(
    deployment: Assembly, production: Assembly, sip: Assembly
) -> None:
    assert {name_of(alarm) for alarm in sip.resources("AWS::CloudWatch::Alarm", "observe")} == SYMPTOMS | OF_SIP
    assert {name_of(alarm) for alarm in production.resources("AWS::CloudWatch::Alarm", "observe")} == SYMPTOMS
    assert not deployment.resources("AWS::CloudWatch::Alarm", "observe")
    assert Config(alarms=True).has_alarms
    assert not Config(profile="prod", alarms=False).has_alarms


def test_alarms_watch_what_is_counted(production: Assembly, sip: Assembly) -> None:
    code = counted()
    alarms = [found for each in (production, sip) for found in each.resources("AWS::CloudWatch::Alarm", "observe")]
    for alarm in alarms:
        namespace, name, dimensions = watched(alarm)
        if namespace in ("Kallglot/kallglot-prod", NAMESPACE):
            assert name in code[dimensions["service"]]
        else:
            assert namespace in ("AWS/ApiGateway", "AWS/SQS")


def test_silence_is_an_alarm_for_workers_and_for_nobody_else(production: Assembly) -> None:
    silent = {
        name_of(alarm): alarm.properties["TreatMissingData"]
        for alarm in production.resources("AWS::CloudWatch::Alarm", "observe")
    }
    assert {name for name, treated in silent.items() if treated == "breaching"} == {"WorkersSilent"}
    none = synthesized_alarms(Config(image=IMAGE, min_tasks=0, max_tasks=0, alarms=True))
    assert "WorkersSilent" not in none


def test_few_calls_say_nothing_of_one_in_twenty(production: Assembly) -> None:
    for alarm in production.resources("AWS::CloudWatch::Alarm", "observe"):
        if alarm.properties.get("ExtendedStatistic"):
            assert alarm.properties["EvaluateLowSampleCountPercentile"] == "ignore"


def test_every_alarm_has_a_row_in_the_runbook(production: Assembly, sip: Assembly) -> None:
    rows = set(re.findall(r"^\| `(\w+)`", RUNBOOK, flags=re.MULTILINE))
    alarms = [found for each in (production, sip) for found in each.resources("AWS::CloudWatch::Alarm")]
    names = {name_of(alarm) for alarm in alarms}
    general = {name for name in names if name.endswith("Errors")}
    assert len(general) == len(production.resources("AWS::Lambda::Function"))
    # Those inside a construct have its name before their own.
    assert {name for name in names - general if not any(name.endswith(row) for row in rows)} == set()
    assert "Errors" in rows


def test_alarms_tell_whom_they_are_told_to_tell(tmp_path: Path, production: Assembly) -> None:
    told = synthesize(tmp_path, Config(image=IMAGE, alarm_topic=TOPIC)).resources("AWS::CloudWatch::Alarm")
    assert told
    for alarm in told:
        assert alarm.properties["AlarmActions"] == alarm.properties["OKActions"] == [TOPIC]
    assert not [a for a in production.resources("AWS::CloudWatch::Alarm") if "AlarmActions" in a.properties]


def synthesized_alarms(config: Config) -> set[str]:
    """Of the stack alone, which takes a tenth of a second."""
    queue = sqs.Queue(Stack(App(), "any"), "Handoffs")
    return {symptom.name for symptom in symptoms(config, queue)}
