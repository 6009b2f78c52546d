"""The Python client and the `kallglot` command, as a customer uses them, against the deployed stack."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import wave
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from core.domain.organizations import Organization
from kallglot import AsyncKallglot, Kallglot, NotFound, PermissionDenied, ValidationFailed
from kallglot import audio as g711
from kallglot.stream import Address, SessionOver, Stream
from kallglot.stream.messages import Ended, Interrupted, Message, Ready, Transcript
from local.stack import Stack
from tests.integration.command import KALLGLOT, PATIENCE_S, Command
from tests.integration.cutting import Wire, wire_to

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALL: dict[str, Any] = {"mode": "bidirectional_translation", "source_language": "en", "target_language": "es"}


@pytest.fixture
def kallglot(stack: Stack, tmp_path: Path) -> Command:
    return Command(stack, tmp_path)


@pytest.fixture
def hello(tmp_path: Path, question: bytes) -> Path:
    """The customer's sentence as a studio would have recorded it: 44.1 kHz in stereo."""
    import numpy as np
    import soxr

    narrow = np.frombuffer(g711.decode(question).tobytes(), "<i2").astype(np.float32) / 32768
    wide = soxr.resample(narrow, 8000, 44100)
    path = tmp_path / "hello.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes((np.repeat(wide, 2) * 32767).astype("<i2").tobytes())
    return path


async def test_a_call_from_its_creation_to_its_recording_with_the_command_alone(kallglot: Command, hello: Path) -> None:
    created = (await kallglot("sessions", "create", "--source", "en", "--target", "es", "--record", "--json")).json
    session_id = created["id"]

    watching = asyncio.create_task(kallglot("watch", session_id, "--json"))
    said = await kallglot("talk", str(hello), "--session", session_id, "--out", "translated.wav", "--keep", "--json")
    messages = [json.loads(line) for line in said.out.splitlines()]
    kinds = {message["type"] for message in messages}
    assert said.code == 0, said.err
    assert {"session.ready", "transcript.partial", "transcript.final"} <= kinds
    [final] = [message for message in messages if message["type"] == "transcript.final"]
    assert "question" in final["text"] and "pregunta" in final["translation"]["text"]

    ended = (await kallglot("sessions", "end", session_id, "--reason", "agent_hangup", "--json")).json
    assert (ended["status"], ended["end_reason"]) == ("ended", "agent_hangup")
    seen = await watching
    assert final["text"] in seen.out
    assert json.loads(seen.out.splitlines()[-1]) == {
        "type": "session.ended",
        "session_id": session_id,
        "reason": "agent_hangup",
    }

    text = await kallglot("transcript", session_id)
    assert final["text"] in text.out and final["translation"]["text"] in text.out
    subtitles = await kallglot("transcript", session_id, "--format", "srt", "--no-translations")
    assert subtitles.out.startswith("1\n00:00:0") and final["translation"]["text"] not in subtitles.out

    recorded = (await kallglot("recording", session_id, "--out", "call.wav", "--json")).json
    with wave.open(str(kallglot.folder / "call.wav")) as file:
        assert file.getnchannels() == 2
        assert file.getnframes() / file.getframerate() == pytest.approx(recorded["duration"], abs=0.1)
    assert sorted(path.name for path in kallglot.folder.iterdir()) == ["call.wav", "hello.wav"]


async def test_what_the_listener_hears_is_kept_beside_the_captions(kallglot: Command, hello: Path) -> None:
    said = await kallglot("talk", str(hello), "--source", "en", "--target", "es", "--out", "translated.wav")
    assert said.code == 0, said.err
    spoken, translated = said.out.splitlines()
    assert "customer [en]" in spoken and "→ [es]" in translated
    with wave.open(str(kallglot.folder / "translated.wav")) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 16000)
        heard = memoryview(file.readframes(file.getnframes())).cast("h")
    assert max(heard[1::2]) > 1000, "the agent hears the translation"
    assert max(heard[0::2], default=0) == 0, "the customer does not"


async def test_raw_sound_comes_through_a_pipe_and_words_from_the_keyboard(kallglot: Command, question: bytes) -> None:
    line = ("talk", "-", "--rate", "8000", "--encoding", "mulaw", "--source", "en", "--target", "es", "--text", "Hello")
    said = await kallglot(*line, stdin=question)
    assert said.code == 0, said.err
    assert "Hola" in said.out
    assert "question" in said.out


async def test_an_interrupted_talk_hangs_up(kallglot: Command, question: bytes, api: AsyncKallglot) -> None:
    process = await kallglot.start("talk", "-", "--source", "en", "--target", "es", "--rate", "8000")
    assert process.stderr is not None
    session_id = (await asyncio.wait_for(process.stderr.readline(), PATIENCE_S)).decode().split()[0]
    await api.sessions.wait_until(session_id, "active", timeout_s=20)
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 130, err
    assert (await api.sessions.wait_until(session_id)).end_reason == "completed"


async def test_a_refusal_is_one_line_and_exit_code_one(kallglot: Command) -> None:
    said = await kallglot("sessions", "get", "sess_0123456789ABCDEFGHJKMNPQRS")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("kallglot: 404 session_not_found: ")
    assert said.err.count("\n") == 1
    said = await kallglot("sessions", "create", "--source", "xx", "--target", "es")
    assert (said.code, "`kallglot languages`" in said.err) == (1, True)
    said = await kallglot("languages", environment={"KALLGLOT_API_KEY": "sk_test_wrong"})
    assert (said.code, "invalid_api_key" in said.err, "sk_test_wrong" in said.err) == (1, True, False)
    said = await kallglot("languages", environment={"KALLGLOT_API_URL": "http://127.0.0.1:9"})
    assert (said.code, "cannot be reached" in said.err, said.err.count("\n")) == (1, True, 1)


async def test_who_reads_only_the_beginning_breaks_nothing(kallglot: Command, stack: Stack) -> None:
    line = f"{KALLGLOT} languages --all | head -n 1"
    done = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-o", "pipefail", "-c", line],
        env=kallglot.environment,
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_key(stack: Stack) -> AsyncIterator[str]:
    """Of an organization without any session yet."""
    stack.seeder.organization(Organization(id="org_client", name="Client"))
    yield stack.seeder.key("org_client")


@pytest.fixture(scope="module")
def blocking(stack: Stack, own_key: str) -> Iterator[Kallglot]:
    with Kallglot(stack.addresses.api_url, own_key) as client:
        yield client


async def test_a_list_is_read_over_its_pages_forwards_and_backwards(stack: Stack, own_key: str) -> None:
    async with AsyncKallglot(stack.addresses.api_url, own_key) as client:
        made = [(await client.sessions.create(**CALL, metadata={"number": str(number)})).id for number in range(5)]
        newest_first = made[::-1]
        listed = [session.id async for session in client.sessions.list(limit=2)]
        assert listed == newest_first
        pages = [page async for page in client.sessions.list(limit=2, ending_before=made[0]).pages()]
        assert [[session.id for session in page.data] for page in pages] == [[made[2], made[1]], [made[4], made[3]]]
        await client.sessions.end(made[2])
        ended = [session.id async for session in client.sessions.list(status="ended")]
        assert ended == [made[2]]
        hour, now = timedelta(hours=1), datetime.now(UTC)
        assert [session.id async for session in client.sessions.list(created_after=now - hour)] == newest_first
        assert [session.id async for session in client.sessions.list(created_after=now + hour)] == []


async def test_one_key_is_one_session_whoever_sends_it(stack: Stack, own_key: str) -> None:
    def create() -> Any:
        with Kallglot(stack.addresses.api_url, own_key) as client:
            return client.sessions.create(**CALL, idempotency_key="client-once")

    made = await asyncio.gather(*(asyncio.to_thread(create) for _ in range(4)))
    assert len({session.id for session in made}) == 1
    assert sum(not session.answer.replayed for session in made) == 1
    assert all(session.answer.request_id.startswith("req_") for session in made)


async def test_the_blocking_client_reads_and_is_refused_as_the_other(blocking: Kallglot, stack: Stack) -> None:
    def use() -> None:
        assert {language.code for language in blocking.languages() if language.speech_in} == {"en", "es"}
        assert blocking.usage().total.active_seconds >= 0
        assert str(blocking.openapi()["openapi"]).startswith("3.1")
        with pytest.raises(NotFound) as missing:
            blocking.recordings.get("rec_0123456789ABCDEFGHJKMNPQRS")
        assert missing.value.code == "recording_not_found"
        with pytest.raises(ValidationFailed) as wrong:
            blocking.sessions.create(mode="bidirectional_translation", source_language="en")
        assert (wrong.value.code, wrong.value.param) == ("missing_required_field", "target_language")
        nobody = Kallglot(stack.addresses.api_url, stack.seeder.key("org_client", scopes=[]))
        with nobody, pytest.raises(PermissionDenied):
            next(iter(nobody.sessions.list()))

    await asyncio.to_thread(use)


@pytest_asyncio.fixture(loop_scope="session")
async def cuttable(stack: Stack) -> AsyncIterator[Wire]:
    async with wire_to(stack.addresses.api_url) as opened:
        yield opened


async def test_a_stream_that_is_cut_again_and_again_loses_no_final_and_repeats_none(
    api: AsyncKallglot, cuttable: Wire
) -> None:
    session = await api.sessions.create(**CALL)
    seen: list[Message] = []
    address = Address(f"ws://127.0.0.1:{cuttable.port}/v1/sessions/{session.id}/connect", session["stream"]["token"])

    async def listen(opened: Stream) -> None:
        async for message in opened:
            seen.append(message)

    def finals() -> list[str]:
        return [each.text for each in seen if isinstance(each, Transcript) and each.is_final]

    async with api.stream(session.id) as other, Stream(address, last_sequence=0) as opened:
        listening = asyncio.create_task(listen(opened))
        for number in range(6):
            await other.send_text("agent", f"Línea {number}")
            cuttable.cut()
            if number == 3:
                cuttable.is_down = True
                await other.send_text("agent", "Mientras tanto")
                await asyncio.sleep(3)
                cuttable.is_down = False
        async with asyncio.timeout(PATIENCE_S):
            while len(finals()) < 7:
                await asyncio.sleep(0.2)
        await other.end()
        await asyncio.wait_for(listening, PATIENCE_S)
    stored = [turn.text for turn in (await api.sessions.transcript(session.id)).turns]
    assert finals() == stored
    assert len(stored) == 7
    assert isinstance(seen[-1], Ended)
    assert sum(isinstance(each, Interrupted) for each in seen) == sum(isinstance(each, Ready) for each in seen) - 1


async def test_a_session_that_has_ended_takes_no_stream_and_says_so(api: AsyncKallglot) -> None:
    session = await api.sessions.create(**CALL)
    await api.sessions.end(session.id)
    with pytest.raises(SessionOver):
        async with api.stream(session):
            raise AssertionError("never")
    with pytest.raises(SessionOver):
        async with api.stream(session.id):
            raise AssertionError("never")
