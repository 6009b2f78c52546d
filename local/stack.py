"""Everything on this machine, in order, for as long as a block runs; nothing of it is left afterwards.

emulator → the real `cdk deploy` → first organization and key → media worker → front door → SIP gateway. The ports that
the templates carry are chosen before they are deployed.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoAccess
from core.adapters.dynamodb.keys import DynamoKeys
from core.adapters.dynamodb.telephony import DynamoTelephony
from core.adapters.dynamodb.transactions import Tables
from core.adapters.secrets import CachedSecrets
from core.adapters.system import SystemClock
from local import frontdoor, gateway, seed, telephones, worker
from local.console import ConsoleMissing, console
from local.deploy import DeployFailed, Outputs, deploy, gateway_environment, worker_environment
from local.emulator import Emulator, EmulatorFailed
from local.life import finished, started
from local.progress import Progress
from local.task import TaskFailed

FOLDER = Path(".local")
MODELS = FOLDER / "models" / "embedded"
FAILURES = (EmulatorFailed, DeployFailed, TaskFailed, ConsoleMissing)
"""What keeps a stack from coming up; the message is for people."""

ENGINES_VARIABLE = "KALLGLOT_ENGINES"
_CHOSEN = {
    ENGINES_VARIABLE: "engines",
    "LANGUAGE_MODEL": "language_model",
    "LANGUAGE_MODEL_OPTIONS": "language_model_options",
}
_HOST = "127.0.0.1"
_USUAL_PORTS = range(8787, 8790)


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a client needs; `api_key` is a test key with every scope."""

    api_url: str
    stream_url: str
    events_url: str
    console_url: str
    api_key: str
    # What a telephone on this machine calls, with the id of a session in its place.
    sip_uri: str


@dataclass(frozen=True, slots=True)
class Stack:
    """A running one. While it runs, this process's own AWS clients reach its emulator."""

    addresses: Addresses
    outputs: Outputs
    seeder: seed.Seeder
    worker_pid: int
    emulator: Emulator
    context: Mapping[str, str]
    """What it was deployed with, on top of what suits the emulator."""


@asynccontextmanager
async def up(progress: Progress, name: str = "stack", context: Mapping[str, str] | None = None) -> AsyncIterator[Stack]:
    """`name` keeps the files of one stack apart from those of another; `context` goes to CDK on top of our own."""
    folder = (FOLDER / name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        async with AsyncExitStack() as opened:
            listener = opened.enter_context(_listener())
            stack = await _up(opened, progress, folder, listener, context or {})
            opened.callback(progress.say, "· stop everything …")
            yield stack
    finally:
        progress.say("✓ nothing is left running")


async def _up(
    opened: AsyncExitStack, progress: Progress, folder: Path, listener: socket.socket, context: Mapping[str, str]
) -> Stack:
    port = listener.getsockname()[1]
    with progress.step("start the AWS emulator"):
        emulator = await opened.enter_async_context(started(lambda: Emulator.start(folder / "emulator"), Emulator.stop))
        opened.enter_context(_environment(emulator.env))
    with progress.step("deploy the stacks with the real CDK"):
        sip_port = gateway.free_port()
        sip_host = gateway.host(sip_port)
        ours = {
            "stream_base_url": f"ws://{_HOST}:{port}",
            "api_base_url": f"http://{_HOST}:{port}",
            "sip_host": sip_host,
        }
        wanted = {**ours, **_engines(), **context}
        outputs = await finished(lambda: deploy(emulator, wanted, progress.deployment))
    with progress.step("create an organization and its test key"):
        seeder = await finished(lambda: _seeder(outputs))
        key = await finished(lambda: seed.seed(seeder, folder / "seed.json"))
        await finished(lambda: telephones.seed(DynamoTelephony(clients.dynamodb(), outputs.access_table)))
    with progress.step("start the media worker"):
        worker_port = _free_port()
        declared = await finished(lambda: worker_environment(outputs))
        process = await opened.enter_async_context(
            worker.running(declared, worker_port, folder / "worker.log", MODELS.resolve())
        )
    with progress.step("open the front door"):
        addresses = _addresses(outputs, port, key, sip_host)
        shown = console(addresses, emulator.endpoint_url)
        origins = frontdoor.Origins(outputs.rest_url, f"http://{_HOST}:{worker_port}")
        await opened.enter_async_context(frontdoor.serve(origins, listener, shown))
    with progress.step("start the SIP gateway"):
        declared = await finished(lambda: gateway_environment(outputs))
        log = folder / "gateway.log"
        await opened.enter_async_context(gateway.running(declared, sip_port, _free_port(), log))
    return Stack(addresses, outputs, seeder, process.pid, emulator, wanted)


def _engines() -> dict[str, str]:
    """Which engines and language model the stacks are told to run; without the variables, their own defaults."""
    return {name: os.environ[variable] for variable, name in _CHOSEN.items() if os.environ.get(variable)}


def _addresses(outputs: Outputs, port: int, key: str, sip_host: str) -> Addresses:
    return Addresses(
        api_url=f"http://{_HOST}:{port}/v1",
        stream_url=f"ws://{_HOST}:{port}",
        events_url=outputs.events_url,
        console_url=f"http://{_HOST}:{port}/",
        api_key=key,
        sip_uri=f"sip:{{session_id}}@{sip_host}",
    )


def _seeder(outputs: Outputs) -> seed.Seeder:
    access = DynamoAccess(clients.dynamodb(), outputs.access_table)
    peppers = CachedSecrets(clients.secrets_manager()).versions(outputs.api_key_pepper_secret_arn)
    tables = Tables(outputs.sessions_table, outputs.access_table, outputs.outbox_table)
    return seed.Seeder(access, DynamoKeys(clients.dynamodb(), tables, SystemClock()), peppers.all[0])


def _listener() -> contextlib.closing[socket.socket]:
    """One of the usual ports, so that templates and bookmarks stay; any other where somebody has them all."""
    for port in _USUAL_PORTS:
        with contextlib.suppress(OSError):
            return contextlib.closing(frontdoor.listen(_HOST, port))
    return contextlib.closing(frontdoor.listen(_HOST, 0))


def _free_port() -> int:
    with contextlib.closing(frontdoor.listen(_HOST, 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def _environment(added: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in added}
    os.environ.update(added)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
