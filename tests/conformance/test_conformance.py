"""The deployed API against its document, attacked by a program that nobody here wrote: schemathesis, every check."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from string import Template

import httpx
import pytest

from core.domain.access import Tenant
from core.domain.limits import RateLimit, RouteGroup
from core.domain.organizations import Defaults, Organization
from core.domain.recordings import Format, Recorded, RecordingStatus
from core.domain.sessions import Channels
from core.ports import Commit
from local.stack import Stack
from reference.openapi import path_of
from reference.routes import ROUTES
from tests.conformance import agents, carriers, knowledge
from tests.conformance.hooks import (
    NOBODY_LISTENS,
    OWN_ENDPOINT_VARIABLE,
    OWN_KEY_VARIABLE,
    SPARE_ENDPOINTS_VARIABLE,
    TALLY_VARIABLE,
)
from tests.integration.store import Store, now
from tests.integration.test_rest import SESSION

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("schemathesis.toml")
REPORT = ROOT / ".local" / "tests" / "schemathesis.log"
ORGANIZATION = "org_conformance"
TENANT = Tenant(ORGANIZATION, livemode=False)

UNTRIED: frozenset[str] = frozenset({"GET /openapi.json 200"})
"""How schemathesis begins, before it counts."""


def recorded(store: Store, session_id: str) -> str:
    """A finished recording of the session, by its word alone: nobody fetches the file."""
    session = store.sessions.find(TENANT, session_id)
    assert session is not None
    recording = Recorded(
        f"rec_{session_id.removeprefix('sess_')}",
        *(TENANT, session_id, Channels.DUAL, now(), RecordingStatus.READY, 1.0, {Format.WAV: 44, Format.MP3: 44}, 1),
    )
    store.sessions.commit(Commit(session, session.version, now() + timedelta(hours=1), recorded=recording))
    return recording.id


async def an_endpoint(http: httpx.AsyncClient) -> str:
    return str((await http.post("/webhook_endpoints", json={"url": NOBODY_LISTENS})).json()["id"])


async def an_event_told(http: httpx.AsyncClient) -> dict[str, str]:
    """An endpoint that nobody listens at, an event for it, and the delivery that is tried."""
    endpoint = await an_endpoint(http)
    assert (await http.post(f"/webhook_endpoints/{endpoint}/test")).status_code == 202
    async with asyncio.timeout(30):
        while not (tried := (await http.get(f"/webhook_endpoints/{endpoint}/deliveries")).json()["data"]):
            await asyncio.sleep(0.5)  # the API is asked, as a customer would
    return {"endpoint_id": endpoint, "delivery_id": tried[0]["id"], "event_id": tried[0]["event_id"]}


async def test_nothing_that_schemathesis_sends_is_answered_otherwise_than_documented(
    stack: Stack, store: Store, tmp_path: Path
) -> None:
    fast = dict.fromkeys(RouteGroup, RateLimit(burst=100_000, per_s=10_000))
    stack.seeder.organization(
        Organization(ORGANIZATION, "Conformance", defaults=Defaults("en", "es"), rate_limits=fast)
    )
    carriers.connect(TENANT, stack.outputs.access_table)
    key = stack.seeder.key(ORGANIZATION)
    async with httpx.AsyncClient(base_url=stack.addresses.api_url, headers={"X-API-Key": key}, timeout=30) as http:
        session_id = (await http.post("/sessions", json=SESSION)).json()["id"]
        [own] = (await http.get("/api_keys")).json()["data"]
        of_agents = await agents.given(http, store, TENANT, session_id)
        told = await an_event_told(http)
        of_knowledge = await knowledge.given(http)
        spare = [await an_endpoint(http) for _ in range(3)]
    config = tmp_path / CONFIG.name
    tally = tmp_path / "tally"
    found = {"api_url": stack.addresses.api_url, "api_key": key, "session_id": session_id, **told}
    found["agent_id"] = of_agents[agents.OWN_AGENT_VARIABLE]
    found["base_id"] = of_knowledge[knowledge.OWN_BASE_VARIABLE]
    found["document_id"] = of_knowledge[knowledge.OWN_DOCUMENT_VARIABLE]
    config.write_text(Template(CONFIG.read_text()).substitute(found, recording_id=recorded(store, session_id)))
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "--config-file", str(config), "run", f"{stack.addresses.api_url}/openapi.json"]
    # The front door is served by this process: it must not wait in the way of a loop.
    running = await asyncio.create_subprocess_exec(
        *(*command, "--checks", "all", "--no-color"),
        env=os.environ
        | {"PYTHONPATH": str(ROOT), OWN_KEY_VARIABLE: own["id"], TALLY_VARIABLE: str(tally)}
        | of_agents
        | of_knowledge
        | {OWN_ENDPOINT_VARIABLE: told["endpoint_id"], SPARE_ENDPOINTS_VARIABLE: ",".join(spare)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = await running.communicate()
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_bytes(said)
    assert running.returncode == 0, said.decode()[-30_000:]
    promised = {f"{route.method} {path_of(route)} {route.status}" for route in ROUTES}
    assert promised - set(tally.read_text().splitlines()) == UNTRIED, "every operation succeeds at least once"
