"""The real `cdk deploy` of the product's own stacks, into the emulator, and what it left behind.

Templates are synthesized once per content: a second deployment of the same sources goes straight to the emulator.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import boto3

from local.emulator import ACCOUNT, PYTHON, REGION, Emulator

ROOT = Path(__file__).parents[1]
_CDK = ROOT / "node_modules" / ".bin" / "cdk"
_SYNTHESIZED = ROOT / ".local" / "synth"
_KEPT = 3
_MAKING = "making-"
_DISAPPEARED = "the stack disappeared while we were deploying it"
_SOURCES = ("app.py", "cdk.json", "uv.lock", "stacks", "core", "lambdas", "docs/api", "local/setup/page.sh")
_REST_STAGE = "api"
_EVENTS_STAGE = "live"
_QUIET = ("--no-notices", "--no-color")
# Nothing pulls it: the emulator records services and runs no container.
_IMAGE = "kallglot/media-worker:local"

Report = Callable[[str], None]


class DeployFailed(Exception):
    """The command line said no; its last lines are the message."""


@dataclass(frozen=True)
class Outputs:
    """What a deployment is reached by. `rest_url` is what `/v1/…` is appended to; `events_url` is a socket's.

    `sdk_environment` leads an AWS SDK to the emulator, with every permission.
    """

    rest_url: str
    events_url: str
    stream_url: str
    endpoint_url: str
    sdk_environment: Mapping[str, str] = field(repr=False)
    sessions_table: str
    access_table: str
    deliveries_table: str
    outbox_table: str
    recordings_bucket: str
    knowledge_bucket: str
    event_bus: str
    handoffs_queue_url: str
    webhook_key_secret_arn: str
    api_key_pepper_secret_arn: str
    stream_token_secret_arn: str
    task_definition_arn: str
    task_role_arn: str
    sip_task_definition_arn: str
    sip_task_role_arn: str


def deploy(emulator: Emulator, context: Mapping[str, str] | None = None, report: Report = print) -> Outputs:
    """Bootstrap, synthesize and deploy every stack; `report` gets each line of progress as it comes."""
    full = {**emulated(emulator), **(context or {})}
    with ThreadPoolExecutor() as both:
        bootstrapped = both.submit(_bootstrap, emulator, report)
        synthesized = both.submit(_synthesize, full, report)
        bootstrapped.result()
        assembly = synthesized.result()
    return _outputs(emulator, _deploy(emulator, assembly, report))


def destroy(emulator: Emulator, context: Mapping[str, str] | None = None, report: Report = print) -> None:
    """Every stack that `deploy` made of the same context; what it keeps, such as data in `prod`, stays."""
    assembly = _synthesize({**emulated(emulator), **(context or {})}, report)
    _cdk(["destroy", "--all", "--force", "--app", str(assembly)], report, cwd=assembly.parent, env=emulator.env)


def emulated(emulator: Emulator) -> dict[str, str]:
    """The context in which the same stacks suit the emulator, which runs functions on its own interpreter."""
    return {
        "stage": "local",
        "profile": "local",
        "webhook_concurrency": "8",
        "fan_out_concurrency": "2",
        "lambda_architecture": "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64",
        "lambda_python": PYTHON,
        "events_endpoint_url": emulator.execute_api_url("{api_id}", "{stage}"),
        "image": _IMAGE,
        "engine_processes": "1",
        "sip": "true",
    }


def worker_environment(outputs: Outputs) -> dict[str, str]:
    """What ECS would give the worker's container: its declared environment and the credentials of its task role."""
    return _task_environment(outputs, outputs.task_definition_arn, outputs.task_role_arn)


def gateway_environment(outputs: Outputs) -> dict[str, str]:
    """The same for the SIP gateway's container."""
    return _task_environment(outputs, outputs.sip_task_definition_arn, outputs.sip_task_role_arn)


def _task_environment(outputs: Outputs, definition_arn: str, role_arn: str) -> dict[str, str]:
    ecs = _session(outputs).client("ecs", endpoint_url=outputs.endpoint_url)
    definition = ecs.describe_task_definition(taskDefinition=definition_arn)
    (container,) = definition["taskDefinition"]["containerDefinitions"]
    declared = {variable["name"]: variable["value"] for variable in container["environment"]}
    return {**declared, **_role_environment(outputs, role_arn)}


def _role_environment(outputs: Outputs, role_arn: str) -> dict[str, str]:
    sts = _session(outputs).client("sts", endpoint_url=outputs.endpoint_url)
    session = sts.assume_role(RoleArn=role_arn, RoleSessionName="task", DurationSeconds=43_200)
    credentials = session["Credentials"]
    return {
        **outputs.sdk_environment,
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }


def _session(outputs: Outputs) -> boto3.session.Session:
    return boto3.session.Session(
        aws_access_key_id=outputs.sdk_environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=outputs.sdk_environment["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


def _bootstrap(emulator: Emulator, report: Report) -> None:
    with tempfile.TemporaryDirectory() as empty:
        # In a directory without an app, or it would be synthesized for nothing.
        command = ["bootstrap", f"aws://{ACCOUNT}/{REGION}"]
        once_more(lambda: _cdk(command, report, cwd=Path(empty), env=emulator.env), report)


def once_more(bootstrap: Callable[[], None], report: Report) -> None:
    """Between a change set and its stack the emulator has, for a moment, neither; whoever asks then gives up."""
    try:
        bootstrap()
    except DeployFailed as failed:
        if _DISAPPEARED not in str(failed):
            raise
        report("the emulator lost sight of the bootstrap stack; once more")
        bootstrap()


def _synthesize(context: Mapping[str, str], report: Report) -> Path:
    assembly = _SYNTHESIZED / _key(context)
    if assembly.exists():
        assembly.touch()
        report("templates: unchanged since they were last synthesized")
        return assembly
    _SYNTHESIZED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_SYNTHESIZED, prefix=_MAKING) as scratch:
        made = Path(scratch) / "assembly"
        options = [option for name, value in sorted(context.items()) for option in ("--context", f"{name}={value}")]
        _cdk(["synth", "--quiet", "--output", str(made), *options], report, cwd=ROOT, env={})
        keep(made, assembly)
    forget_oldest(_SYNTHESIZED, _KEPT)
    return assembly


def keep(made: Path, assembly: Path) -> None:
    """Whoever comes second has made the same."""
    try:
        made.rename(assembly)
    except OSError:
        if not assembly.exists():
            raise


def _key(context: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(dict(context), sort_keys=True).encode())
    for source in _SOURCES:
        for path in _files(ROOT / source):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:24]


def _files(path: Path) -> Iterator[Path]:
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    return (file for file in found if file.is_file() and file.suffix != ".pyc")


def forget_oldest(folder: Path, kept: int) -> None:
    """All but the last used ones; what somebody is just making does not count."""
    finished = [assembly for assembly in folder.iterdir() if not assembly.name.startswith(_MAKING)]
    for assembly in sorted(finished, key=lambda found: found.stat().st_mtime)[:-kept]:
        shutil.rmtree(assembly, ignore_errors=True)


def _deploy(emulator: Emulator, assembly: Path, report: Report) -> dict[str, str]:
    """The outputs of all stacks, by name."""
    with tempfile.TemporaryDirectory() as scratch:
        told = Path(scratch) / "outputs.json"
        options = ["--require-approval", "never", "--method", "direct", "--concurrency", "4", "--progress", "events"]
        command = ["deploy", "--all", "--app", str(assembly), "--outputs-file", str(told), *options]
        _cdk(command, report, cwd=Path(scratch), env=emulator.env)
        by_stack: dict[str, dict[str, str]] = json.loads(told.read_text())
    return {name: value for outputs in by_stack.values() for name, value in outputs.items()}


def _outputs(emulator: Emulator, told: Mapping[str, str]) -> Outputs:
    return Outputs(
        rest_url=emulator.execute_api_url(told["RestApiId"], _REST_STAGE),
        events_url=emulator.execute_api_url(told["EventsApiId"], _EVENTS_STAGE, "ws"),
        stream_url=told["StreamUrl"],
        endpoint_url=emulator.endpoint_url,
        sdk_environment=emulator.env,
        sessions_table=told["SessionsTable"],
        access_table=told["AccessTable"],
        deliveries_table=told["DeliveriesTable"],
        outbox_table=told["OutboxTable"],
        recordings_bucket=told["RecordingsBucket"],
        knowledge_bucket=told["KnowledgeBucket"],
        event_bus=told["EventBus"],
        handoffs_queue_url=told["HandoffsQueueUrl"],
        webhook_key_secret_arn=told["WebhookKeySecretArn"],
        api_key_pepper_secret_arn=told["ApiKeyPepperSecretArn"],
        stream_token_secret_arn=told["StreamTokenSecretArn"],
        task_definition_arn=told["TaskDefinitionArn"],
        task_role_arn=told["TaskRoleArn"],
        sip_task_definition_arn=told["SipTaskDefinitionArn"],
        sip_task_role_arn=told["SipTaskRoleArn"],
    )


def _cdk(arguments: list[str], report: Report, *, cwd: Path, env: Mapping[str, str]) -> None:
    lines: list[str] = []
    with subprocess.Popen(
        [str(_CDK), *arguments, *_QUIET],
        cwd=cwd,
        env={**clean_environment(os.environ), **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        for line in wanted(process.stdout):
            lines.append(line)
            report(line)
    if process.returncode:
        raise DeployFailed(f"cdk {arguments[0]} failed:\n" + "\n".join(lines[-20:]))


def clean_environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Without any AWS setting: a profile of the user must never send this anywhere but to loopback."""
    kept = {name: value for name, value in ours.items() if not name.startswith(("AWS_", "CDK_"))}
    return {**kept, "CDK_DISABLE_CLI_TELEMETRY": "1", "NODE_NO_WARNINGS": "1"}


def wanted(lines: Iterable[str]) -> Iterator[str]:
    """Without blank lines and without the banner that jsii prints about the age of Node."""
    return (line.rstrip() for line in lines if line.strip() and not line.startswith("b'!!"))
