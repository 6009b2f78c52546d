"""The published examples against the deployed stack: their `curl` commands as they are printed, answers field by field.

Only what is each reader's own is put in: the host, the key, and the id of the session.
"""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from local.stack import Stack
from media_worker.audio import g711
from tests.fakes.telephone import hello
from tests.integration.test_telephone import Caller

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEEDS = Path(__file__).parents[1] / "data" / "seeds"
CALL_SID = "CA1234567890abcdef"
# The recording of a call is made by a function of its own, which may start cold on a busy machine.
_PATIENCE_S = 60.0
Json = dict[str, Any]


@dataclass
class Reader:
    """Somebody who copies an example into a terminal, with a live key, as the examples have it."""

    http: httpx.AsyncClient
    api_url: str
    key: str

    async def runs(self, name: str, session_id: str = "") -> httpx.Response:
        """The command of `name`.curl.txt; a word of it that is not understood here is an error."""
        text = (SEEDS / f"{name}.curl.txt").read_text()
        own = text.replace("https://api.kallglot.com/v1", self.api_url).replace("sk_live_your_api_key", self.key)
        words = shlex.split(own.replace("sess_01HXYZ123456789", session_id).replace("\\\n", " "))
        assert words.pop(0) == "curl"
        method, headers, body, url = "GET", {}, None, ""
        while words:
            match words.pop(0):
                case "-X":
                    method = words.pop(0)
                case "-H":
                    header, _, value = words.pop(0).partition(": ")
                    headers[header] = value
                case "-d":
                    body = words.pop(0)
                case word if word.startswith("http"):
                    url = word
                case word:
                    raise AssertionError(f"{word} is no option that the examples use")
        return await self.http.request(method, url, headers=headers, content=body)


def seed(name: str) -> Json:
    loaded: Json = json.loads((SEEDS / f"{name}.json").read_text())
    return loaded


def shape(value: Any) -> Any:
    """Names and JSON types, all the way down. A number is a number; a string that is a time is one."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    if isinstance(value, int | float):
        return "number"
    return "time" if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value) else "string"


def differences(ours: Any, theirs: Any, place: str = "") -> list[str]:
    """Where a field of the example is missing or of another type in ours, which may have more."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return [
            found
            for name, each in theirs.items()
            for found in (differences(ours[name], each, f"{place}.{name}") if name in ours else [f"{place}.{name}"])
        ]
    return [] if ours == theirs else [f"{place}: {ours}, and {theirs} in the example"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest_asyncio.fixture(loop_scope="session")
async def reader(stack: Stack) -> AsyncIterator[Reader]:
    async with httpx.AsyncClient(timeout=30) as http:
        yield Reader(http, stack.addresses.api_url, stack.seeder.key(livemode=True))


async def test_the_create_is_answered_with_the_examples_fields_and_no_other(reader: Reader) -> None:
    expected = seed("create.response")

    response = await reader.runs("create")

    assert response.status_code == 201, response.text
    session = response.json()
    assert shape(session) == shape(expected)
    determined = [name for name in expected if name not in ("id", "stream", "created_at")]
    assert {name: session[name] for name in determined} == {name: expected[name] for name in determined}
    assert re.fullmatch("sess_[0-9A-HJKMNP-TV-Z]{26}", session["id"])
    assert session["stream"]["url"].endswith(f"/v1/sessions/{session['id']}/connect")
    assert session["stream"]["token"].startswith("kst_live_")
    assert at(session["stream"]["expires_at"]) - at(session["created_at"]) == timedelta(hours=1)

    again = await reader.runs("create")
    assert (again.status_code, again.json()) == (201, session)
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_the_get_and_the_end_of_a_call_have_the_examples_fields(reader: Reader, question: bytes) -> None:
    session = await a_call(reader)
    async with connect(session["stream"]["url"]) as socket:
        for message in hello("twilio", token=session["stream"]["token"]):
            await socket.send(json.dumps(message))
        caller = Caller(socket)
        background = [asyncio.create_task(work) for work in (caller.live(), caller.listen())]
        try:
            running = await until(
                reader, session["id"], lambda shown: shown["transcript"]["available"], caller, question
            )
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)

        expected = seed("get.response")
        assert differences(shape(running), shape(expected | {"metadata": session["metadata"]})) == []
        assert (running["status"], running["ended_at"]) == ("active", None)
        assert running["provider"] == expected["provider"]

        ended = await reader.runs("end", session["id"])
    assert ended.status_code == 200, ended.text
    shown = await until(reader, session["id"], lambda shown: "duration" in shown["recording"])
    again = await reader.runs("end", session["id"])
    expected = seed("end.response")
    assert again.json() == shown
    assert differences(shape(shown), shape(expected | {"metadata": session["metadata"]})) == []
    assert (shown["status"], shown["end_reason"]) == ("ended", expected["end_reason"])
    assert shown["provider"] == expected["provider"]
    assert "stream" not in shown
    told = {name: ended.json()[name] for name in ("status", "duration", "ended_at", "end_reason", "metadata")}
    assert told == {name: shown[name] for name in told}


async def a_call(reader: Reader) -> Json:
    """The example's session in languages that the engines of this stack understand, by a call that is known."""
    asked = seed("create.request") | {"source_language": "en", "target_language": "es"}
    asked["provider"] |= {"call_sid": CALL_SID}
    headers = {"Authorization": f"Bearer {reader.key}"}
    response = await reader.http.post(f"{reader.api_url}/sessions", json=asked, headers=headers)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made


async def until(reader: Reader, session_id: str, done: Any, caller: Caller | None = None, saying: bytes = b"") -> Json:
    """What the example's GET shows once it is so."""
    if caller is not None:
        caller.say(g711.mulaw_to_pcm(saying))
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            response = await reader.runs("get", session_id)
            assert response.status_code == 200, response.text
            shown: Json = response.json()
            if done(shown):
                return shown
            await asyncio.sleep(0.5)  # the API is asked, as a reader would
