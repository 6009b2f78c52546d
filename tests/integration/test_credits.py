"""Credits through the deployed gateway, with the rights that its functions have."""

from __future__ import annotations

import httpx
import pytest

from core.domain.access import Tenant
from core.domain.organizations import Organization
from core.domain.usage import Addition
from core.ports import Commit
from local.stack import Stack
from tests.builders import a_session
from tests.integration.store import Store, now
from tests.integration.test_rest import SESSION, error_of

BOUGHT = Organization("org_bought", "Bought", credits_s=60)


def use(stack: Stack, seconds: float) -> None:
    """As a worker would write it, of another session of the organization."""
    used = Addition(now().date(), round(seconds * 1_000_000), 0, 0)
    session = a_session("sess_of_credits", tenant=Tenant(BOUGHT.id, livemode=False))
    Store(stack.outputs).sessions.commit(Commit(session, None, None, used=used))


@pytest.mark.asyncio(loop_scope="session")
async def test_no_call_begins_when_the_credits_are_used_up(stack: Stack, http: httpx.AsyncClient) -> None:
    stack.seeder.organization(BOUGHT)
    http.headers["Authorization"] = f"Bearer {stack.seeder.key(BOUGHT.id)}"
    made = await http.post("/sessions", json=SESSION)
    assert made.status_code == 201
    assert (made.headers["X-API-Credits-Used"], made.headers["X-API-Credits-Remaining"]) == ("0.000", "60.000")

    use(stack, 60.5)

    refused = error_of(await http.post("/sessions", json=SESSION), 402, "insufficient_api_credits")
    assert refused["type"] == "permission_error"
    session_id = made.json()["id"]
    dialed = await http.post(f"/sessions/{session_id}/dial", json={"to": "+4930123456"})
    error_of(dialed, 402, "insufficient_api_credits")
    assert (await http.get(f"/sessions/{session_id}")).status_code == 200
    assert (await http.post(f"/sessions/{session_id}/end")).status_code == 200
