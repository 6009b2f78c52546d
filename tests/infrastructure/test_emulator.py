"""The real deployment of every resource type that the stacks can contain, into the emulator of `make run`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from local.deploy import DeployFailed, Outputs, deploy, gateway_environment, worker_environment
from local.emulator import REGION, UNSUPPORTED, Emulator, EmulatorFailed
from media_worker.settings import WorkerSettings
from media_worker.sip.settings import GatewaySettings

# With what the laptop does without, so that nothing that the emulator lacks is left out.
EVERYTHING = {
    "firewall": "true",
    "nat": "1",
    "gpu": "whole",
    "engine_fallback": "aws",
    "dashboard": "true",
    "alarms": "true",
    "max_tasks": "2",
    "endpoints": "true",
    "own_key": "true",
    "edge": "true",
    "edge_log": "true",
    "region": REGION,
}
# Of a firewall that stands in one region, where no edge has its own.
WITHOUT_EDGE = {"AWS::WAFv2::WebACLAssociation"}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator.start(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return []


@pytest.fixture(scope="module")
def outputs(emulator: Emulator, lines: list[str]) -> Outputs:
    return deploy(emulator, EVERYTHING, lines.append)


@pytest.fixture(scope="module")
def aws(emulator: Emulator) -> boto3.session.Session:
    return boto3.session.Session(emulator.env["AWS_ACCESS_KEY_ID"], emulator.env["AWS_SECRET_ACCESS_KEY"])


@pytest.mark.usefixtures("outputs")
def test_what_was_not_made_is_exactly_what_is_listed_as_unsupported(emulator: Emulator) -> None:
    listed = set(json.loads(UNSUPPORTED.read_text()))
    assert {resource["type"] for resource in emulator.no_ops} == listed - WITHOUT_EDGE


@pytest.mark.usefixtures("outputs")
def test_every_resource_of_every_template_was_deployed(emulator: Emulator, aws: boto3.session.Session) -> None:
    cloudformation = aws.client("cloudformation", region_name=REGION, endpoint_url=emulator.endpoint_url)
    ours = [s["StackName"] for s in cloudformation.describe_stacks()["Stacks"] if s["StackName"] != "CDKToolkit"]
    assert len(ours) == 13
    for stack in ours:
        template = cloudformation.get_template(StackName=stack)["TemplateBody"]
        made = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
        statuses = {resource["LogicalResourceId"]: resource["ResourceStatus"] for resource in made}
        assert statuses == dict.fromkeys(template["Resources"], "CREATE_COMPLETE")


def test_a_deployment_is_visible_line_by_line(outputs: Outputs, lines: list[str]) -> None:
    assert outputs.rest_url.startswith("http://127.0.0.1:")
    assert sum("CREATE_COMPLETE" in line for line in lines) > 100
    assert all(line.strip() for line in lines)


def test_a_second_deployment_of_the_same_sources_is_not_synthesized_again(emulator: Emulator, outputs: Outputs) -> None:
    lines: list[str] = []
    assert deploy(emulator, EVERYTHING, lines.append) == outputs
    assert not [line for line in lines if "Bundling" in line or "CREATE_" in line]


def test_the_worker_gets_its_declared_environment_and_the_rights_of_its_role(
    emulator: Emulator, outputs: Outputs
) -> None:
    environment = worker_environment(outputs)
    WorkerSettings.read(environment)
    assert environment["SESSIONS_TABLE"] == outputs.sessions_table
    tables = as_task(environment).client("dynamodb", region_name=REGION, endpoint_url=emulator.endpoint_url)
    tables.put_item(TableName=outputs.outbox_table, Item={"pk": {"S": "evt_1"}})
    with pytest.raises(tables.exceptions.ClientError, match="AccessDenied"):
        tables.get_item(TableName=outputs.outbox_table, Key={"pk": {"S": "evt_1"}})


def test_the_gateway_gets_its_own(emulator: Emulator, outputs: Outputs) -> None:
    environment = gateway_environment(outputs)
    assert GatewaySettings.read(environment).stream_url.startswith("ws://")
    network = as_task(environment).client("ec2", region_name=REGION, endpoint_url=emulator.endpoint_url)
    network.describe_network_interfaces(Filters=[{"Name": "mac-address", "Values": ["0e:9e:32:c7:48:85"]}])
    with pytest.raises(network.exceptions.ClientError, match=r"UnauthorizedOperation|AccessDenied"):
        network.describe_vpcs()


def as_task(environment: dict[str, str]) -> boto3.session.Session:
    return boto3.session.Session(
        environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], environment["AWS_SESSION_TOKEN"]
    )


@pytest.mark.usefixtures("outputs")
def test_functions_of_one_archive_run_from_one_copy_of_it(emulator: Emulator, aws: boto3.session.Session) -> None:
    functions = aws.client("lambda", region_name=REGION, endpoint_url=emulator.endpoint_url)
    handlers = {"lambdas.authorizer.app.handler", "lambdas.rest.app.handler"}
    pages = functions.get_paginator("list_functions").paginate()
    names = [each["FunctionName"] for page in pages for each in page["Functions"] if each["Handler"] in handlers]
    for name in names:
        functions.invoke(FunctionName=name, Payload=b"{}")
    scratch = emulator.log.parent / "tmp"
    processes = [code for name in names for code in scratch.glob(f"ministack-lambda-{name}-*/code")]
    assert len(processes) >= len(handlers)
    (unpacked,) = {code.resolve() for code in processes}
    assert (unpacked / "lambdas").is_dir()


def test_a_deployment_that_fails_says_what_cdk_said(emulator: Emulator) -> None:
    with pytest.raises(DeployFailed, match="idle_timeout_s"):
        deploy(emulator, {"idle_timeout_s": "0"}, lambda _line: None)


def test_two_emulators_never_share_a_folder(emulator: Emulator) -> None:
    with pytest.raises(EmulatorFailed, match="another emulator"):
        Emulator.start(emulator.log.parent)


def test_a_second_emulator_takes_another_port_and_leaves_nothing(emulator: Emulator, tmp_path: Path) -> None:
    with Emulator.start(tmp_path) as second:
        assert second.endpoint_url != emulator.endpoint_url
        pid = second.pid
    assert not _runs(pid)


def test_the_emulator_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from local.emulator import Emulator\n"
    script += "print(Emulator.start(Path(sys.argv[1])).pid, flush=True); sys.stdin.read()"
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout
    pid = int(starter.stdout.readline())
    assert _runs(pid)
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    deadline = time.monotonic() + 20
    while _runs(pid) and time.monotonic() < deadline:
        # Nobody is told when a process that is not a child has ended.
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    """A process that has ended and waits for nobody to notice does not run."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
