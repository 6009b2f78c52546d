"""No log of a whole run has a key, a token, a secret, a telephone number or a word that was said.

It comes last, so that everything has been logged that this suite makes the product log.
"""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from kallglot import AsyncKallglot
from local.stack import FOLDER, Stack
from tests.integration.logs import Line, leaks, said, secrets, written

SENTENCE = "The xanthic zeppelin lands at noon."
MARK = "xanthic-metadata-value"
PHONE = "+4930777123456"
LOGGING = ("worker.log", "authorizerapplog", "restapplog", "eventsrelaylog", "eventsfanoutlog", "eventspushlog")
PATIENCE_S = 60.0


async def a_call(api: AsyncKallglot, http: httpx.AsyncClient) -> None:
    """With something planted wherever a caller can put it, good requests and bad ones."""
    session = await api.sessions.create(
        mode="bidirectional_translation", source_language="en", target_language="es", metadata={"who": MARK}
    )
    async with api.stream(session) as stream:
        await stream.send_text("customer", SENTENCE)
        async for message in stream:
            if getattr(message, "is_final", False):
                break
        await stream.end()
    await http.post(f"/sessions/{session.id}/dial", json={"to": PHONE})
    await http.post("/sessions", json={"mode": MARK, "phone": PHONE, "source_language": "en"})
    await http.get(f"/sessions/{MARK}?phone={PHONE}")
    await http.get("/sessions", headers={"Authorization": "Bearer sk_test_planted0000000000"})
    await http.post("/webhook_endpoints", json={"url": f"http://127.0.0.1:9/{MARK}?token={MARK}"})
    await api.sessions.wait_until(session.id, "ended")


async def everything() -> list[Line]:
    """Once everybody has written something: the last events of a call are told a moment after it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            lines = list(written(FOLDER / "integration"))
            sources = " ".join({line.source for line in lines})
            if all(name in sources for name in LOGGING):
                return lines
            await asyncio.sleep(0.5)


@pytest.mark.asyncio(loop_scope="session")
async def test_no_log_has_what_belongs_to_customers(stack: Stack, api: AsyncKallglot, http: httpx.AsyncClient) -> None:
    await a_call(api, http)
    words = {
        **dict.fromkeys(said(stack.outputs.sessions_table), "what was said"),
        **dict.fromkeys(secrets(), "a secret"),
        stack.addresses.api_key: "an API key",
        PHONE.removeprefix("+"): "a telephone number",
        MARK: "what a customer keeps with a session",
    }
    assert any(SENTENCE in word for word in words), "the scan would not know what was said"
    lines = await everything()
    assert list(leaks(lines, words)) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (json.dumps({"message": f"said {SENTENCE}"}), "what was said"),
        ("key sk_live_0123456789abcdef refused", "an API key"),
        ("wss://host/connect?token=kst_test_abc.def-123456", "a stream token"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a webhook secret"),
        ("Authorization: Bearer abcdefgh123", "a bearer"),
        ("Kallglot-Signature: t=1,v1=" + "0a" * 32, "a signature"),
        ("calling +4930777123456 now", "a telephone number"),
    ],
)
def test_the_scan_finds_what_it_is_for(text: str, what: str) -> None:
    assert [leak.what for leak in leaks([Line("x", text)], {SENTENCE: "what was said"})] == [what]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-26T11:00:00+00:00 session sess_01ARZ3NDEKTSV4RRFFQ69G5FAV ended",
        '{"key_id":"key_01ARZ3NDEKTSV4RRFFQ69G5FAV","status":200,"timestamp":"2026-11-24 22:00:01,123+0000"}',
        "1-5759e988-bd862e3fe1be46a994272793",
    ],
)
def test_it_lets_ids_and_times_pass(text: str) -> None:
    assert list(leaks([Line("x", text)], {})) == []
