from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest

from core.domain.sessions import (
    Channels,
    EndReason,
    Mode,
    Recording,
    Role,
    Status,
    Transcription,
)
from core.services.streams import SessionEnded
from media_worker.engines.base import EngineError
from media_worker.messages import AudioIn, Control, ControlAction, EndRequest, Ping, Refused, TextIn
from media_worker.pipeline.equipment import Limits
from tests.fakes.engines import FakeEngines
from tests.fakes.talk import SILENCE, Running, loud
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import Plant, plant


@virtual_time
async def test_a_leg_is_greeted_with_what_the_engines_can_do_in_its_languages() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create(target_language="fr")
        client = await worker.client(session, Role.AGENT)
        ready = client.said[0]
        assert (ready["type"], ready["status"], ready["participant"]) == ("session.ready", "connecting", "agent")
        assert (ready["resumed"], ready["last_sequence"]) == (False, 0)
        assert ready["capabilities"] == [
            {"language": "en", "speech_in": True, "text": True, "speech_out": True},
            {"language": "fr", "speech_in": False, "text": False, "speech_out": False},
        ]


@virtual_time
async def test_the_first_audio_makes_the_session_active_once() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        await client.speak(SILENCE[:3200])
        stored = worker.plant.stored(session)
        assert stored.status is Status.ACTIVE
        assert stored.recording.id is not None
        assert [event.type for event in worker.plant.sessions.events] == ["session.started"]


@virtual_time
async def test_an_utterance_is_told_translated_spoken_and_stored() -> None:
    engines = FakeEngines("where is my order", asr_s=0.05, mt_s=0.01, tts_s=0.02)
    engines.partial = "where"
    async with Running(plant(engines)) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        await client.say(1.0, Role.CUSTOMER)
        partials, final = client.of("transcript.partial"), client.of("transcript.final")[0]
        assert [partial["text"] for partial in partials] == ["where"]
        assert (partials[0]["id"], partials[0]["sequence"]) == (final["id"], final["sequence"])
        assert final["text"] == "where is my order"
        assert final["translation"] == {"language": "es", "text": "[es] where is my order"}
        assert final["start_time"] == pytest.approx(0.0, abs=0.04)
        assert final["end_time"] == pytest.approx(1.0, abs=0.04)
        spoken = client.of("audio.output")
        assert {piece["target"] for piece in spoken} == {"agent"}
        assert spoken[-1]["mark"] == final["id"]
        turns = worker.plant.sessions.turns(session.tenant, session.id)
        assert [(turn.text, turn.translation and turn.translation.text) for turn in turns] == [
            ("where is my order", "[es] where is my order")
        ]


@virtual_time
async def test_the_latency_of_a_turn_is_told_by_its_parts() -> None:
    async with Running(plant(FakeEngines("yes", asr_s=0.05, mt_s=0.01, tts_s=0.02))) as worker:
        client = await worker.client(worker.plant.create())
        await client.say(1.0)
        latency = client.of("latency")[0]
        parts = {name: latency[name] for name in ("asr_ms", "mt_ms", "queue_ms", "tts_ms")}
        assert parts == {"asr_ms": 50.0, "mt_ms": 10.0, "queue_ms": 0.0, "tts_ms": 20.0}
        assert 384 <= latency["endpoint_ms"] <= 384 + 64
        assert latency["total_ms"] == pytest.approx(latency["endpoint_ms"] + 80.0)


@virtual_time
async def test_two_speakers_on_one_socket_hear_each_other() -> None:
    async with Running(plant(FakeEngines("one", "two"))) as worker:
        client = await worker.client(worker.plant.create())
        await client.say(1.0, Role.CUSTOMER)
        await client.say(1.0, Role.AGENT)
        finals = client.of("transcript.final")
        assert [(final["speaker"], final["language"], final["text"]) for final in finals] == [
            ("customer", "en", "one"),
            ("agent", "es", "two"),
        ]
        assert [final["sequence"] for final in finals] == [1, 2]
        assert {piece["target"] for piece in client.of("audio.output")} == {"agent", "customer"}


@virtual_time
async def test_one_stereo_stream_carries_both_speakers() -> None:
    async with Running(plant(FakeEngines("left", "right"))) as worker:
        client = await worker.client(worker.plant.create())
        left = loud(1.0) + SILENCE * 2
        right = SILENCE + loud(1.0) + SILENCE
        stereo = b"".join(left[i : i + 2] + right[i : i + 2] for i in range(0, len(left), 2))
        await client.speak(stereo, channels=2)
        assert [(final["speaker"], final["text"]) for final in client.of("transcript.final")] == [
            ("customer", "left"),
            ("agent", "right"),
        ]


@virtual_time
async def test_on_two_sockets_each_hears_only_what_is_for_it() -> None:
    async with Running(plant(FakeEngines("hello"))) as worker:
        session = worker.plant.create()
        customer = await worker.client(session, Role.CUSTOMER)
        agent = await worker.client(session, Role.AGENT)
        await customer.say(1.0)
        assert customer.of("audio.output") == []
        assert {piece["target"] for piece in agent.of("audio.output")} == {"agent"}
        assert customer.of("transcript.final") == agent.of("transcript.final") != []


@virtual_time
async def test_in_assistive_mode_the_agent_hears_the_original_and_reads_the_translation() -> None:
    async with Running(plant(FakeEngines("hello", "buenos días"))) as worker:
        session = worker.plant.create(mode=Mode.ASSISTIVE_TRANSLATION)
        customer = await worker.client(session, Role.CUSTOMER)
        agent = await worker.client(session, Role.AGENT)
        await customer.say(1.0)
        heard = agent.of("audio.output")
        assert len(heard) == 100 and {piece["segment_id"] for piece in heard} == {None}
        assert agent.of("transcript.final")[0]["translation"]["text"] == "[es] hello"
        await agent.say(1.0)
        assert {piece["segment_id"] for piece in customer.of("audio.output")} == {"seg_0002"}


@virtual_time
async def test_what_was_not_understood_is_neither_translated_nor_stored() -> None:
    async with Running(plant(FakeEngines("", "thanks"))) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        await client.say(1.0)
        assert client.errors() == ["not_understood"]
        assert client.of("session.error")[0]["segment_id"] == "seg_0001"
        assert client.of("transcript.final") == []
        await client.say(1.0)
        assert [turn.sequence for turn in worker.plant.sessions.turns(session.tenant, session.id)] == [1]


@virtual_time
async def test_a_failed_recognition_costs_one_utterance() -> None:
    async with Running(plant(FakeEngines(EngineError("engine_process_died"), "again"))) as worker:
        client = await worker.client(worker.plant.create())
        await client.say(1.0)
        await client.say(1.0)
        assert client.errors() == ["recognition_failed"]
        assert [final["text"] for final in client.of("transcript.final")] == ["again"]


@virtual_time
async def test_clients_are_told_when_engines_had_to_be_helped() -> None:
    engines = FakeEngines()
    async with Running(plant(engines)) as worker:
        client, other = await worker.client(worker.plant.create()), await worker.client(worker.plant.create())
        tell_other, tell = engines.notices.pop(), engines.notices.pop()
        codes = ["recognition_restarted", "recognition_fell_back", "translation_fell_back", "speech_fell_back"]
        for code in codes:
            tell(code)
        errors = client.of("session.error")
        assert [error["error"]["code"] for error in errors] == codes
        assert not any(error["fatal"] for error in errors)
        assert other.errors() == []
        tell_other("recognition_restarted")
        assert other.errors() == ["recognition_restarted"]


@virtual_time
async def test_a_language_without_recogniser_is_said_once_and_the_other_speaker_goes_on() -> None:
    async with Running(plant(FakeEngines("hola"))) as worker:
        client = await worker.client(worker.plant.create(source_language="fr"))
        await client.say(1.0, Role.CUSTOMER)
        await client.say(1.0, Role.CUSTOMER)
        await client.say(1.0, Role.AGENT)
        assert client.errors() == ["speech_unavailable", "translation_unavailable"]
        assert client.of("transcript.final")[0]["text"] == "hola"
        assert "translation" not in client.of("transcript.final")[0]


@virtual_time
async def test_a_language_without_voice_gets_text_and_is_said_once() -> None:
    engines = FakeEngines("hello", "hello again")
    engines.capabilities = replace(engines.capabilities, speech_out=frozenset({"en"}))
    async with Running(plant(engines)) as worker:
        client = await worker.client(worker.plant.create())
        await client.say(1.0)
        await client.say(1.0)
        assert client.errors() == ["voice_unavailable"]
        assert client.of("audio.output") == []
        assert len(client.of("latency")) == len(client.of("transcript.final")) == 2


@virtual_time
async def test_typed_text_is_translated_and_spoken_like_speech() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        client.send(TextIn("buenos días", Role.AGENT))
        await asyncio.sleep(1)
        final = client.of("transcript.final")[0]
        assert (final["speaker"], final["language"]) == ("agent", "es")
        assert final["translation"]["text"] == "[en] buenos días"
        assert {piece["target"] for piece in client.of("audio.output")} == {"customer"}
        assert worker.plant.stored(session).status is Status.CONNECTING


@virtual_time
async def test_a_text_that_breaks_something_is_lost_alone_and_said_so() -> None:
    class Fragile(FakeEngines):
        async def translate(self, text: str, source: str, target: str) -> str:
            if text == "bad":
                raise RuntimeError("a fault of ours")
            return await super().translate(text, source, target)

    async with Running(plant(Fragile())) as worker:
        client = await worker.client(worker.plant.create())
        client.send(TextIn("bad", Role.AGENT))
        client.send(TextIn("good", Role.AGENT))
        await asyncio.sleep(1)
        assert client.errors() == ["internal_error"]
        assert [final["text"] for final in client.of("transcript.final")] == ["good"]


@virtual_time
async def test_more_text_than_can_wait_is_refused_and_the_rest_is_translated() -> None:
    engines = FakeEngines(mt_s=0.1)
    engines.speech_s = 0.05
    async with Running(plant(engines)) as worker:
        client = await worker.client(worker.plant.create())
        for number in range(30):
            client.send(TextIn(f"line {number}", Role.AGENT))
        await asyncio.sleep(10)
        assert client.errors() == ["too_much_text"]
        assert len(client.of("transcript.final")) == worker.plant.equipment.limits.waiting_texts


@virtual_time
async def test_ending_writes_the_last_words_the_recording_and_the_meters_before_it_says_so() -> None:
    async with Running(plant(FakeEngines("goodbye"))) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        await client.speak(loud(1.0))
        client.send(EndRequest())
        await asyncio.sleep(1)
        stored = worker.plant.stored(session)
        assert (stored.status, stored.end_reason) == (Status.ENDED, EndReason.COMPLETED)
        assert (stored.usage.active_s, stored.usage.translation_s) == pytest.approx((1.0, 1.0), abs=0.03)
        assert client.said[-1] == {"type": "session.ended", "session_id": session.id, "reason": "explicit_end"}
        assert client.of("transcript.final")[0]["text"] == "goodbye"
        assert client.socket.closed == (1000, "explicit_end")
        told = [event.type.value for event in worker.plant.sessions.events]
        assert told == ["session.started", "transcript.segment", "session.ended", "transcript.ready"]
        chunks = worker.plant.sessions.chunks(session.tenant, session.id)
        assert sum(chunk.duration_s for chunk in chunks) == pytest.approx(1.0, abs=0.03)
        assert len(worker.calls) == 0
        with pytest.raises(SessionEnded):
            await worker.client(session)


@virtual_time
async def test_an_end_by_the_api_reaches_every_leg() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create()
        legs = [await worker.client(session, role) for role in Role]
        await legs[0].speak(SILENCE)
        held = worker.plant.stored(session)
        worker.plant.service.end(held, EndReason.CUSTOMER_HANGUP)
        worker.calls.command({"type": "end", "session_id": session.id, "tenant": str(session.tenant)})
        await asyncio.sleep(0.5)
        assert {leg.said[-1]["reason"] for leg in legs} == {"ended_by_api"}
        assert {leg.socket.closed for leg in legs} == {(1000, "ended_by_api")}
        assert worker.plant.stored(session).end_reason is EndReason.CUSTOMER_HANGUP


@virtual_time
async def test_an_end_whose_command_was_lost_is_noticed_at_the_next_checkpoint() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        await client.speak(SILENCE)
        worker.plant.service.end(worker.plant.stored(session), EndReason.TIMEOUT)
        await asyncio.sleep(worker.plant.equipment.limits.checkpoint_s + 1)
        assert client.said[-1]["reason"] == "timeout"


@virtual_time
async def test_a_hold_is_metered_as_it_passes_so_that_a_dying_worker_loses_ten_seconds_of_it() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        await client.speak(SILENCE)
        await asyncio.sleep(120)
        lost_s = 120 - worker.plant.stored(session).usage.active_s
        assert lost_s <= worker.plant.equipment.limits.checkpoint_s


@virtual_time
async def test_commands_that_name_nobody_here_change_nothing() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        worker.calls.command({"type": "end", "session_id": "sess_unknown"})
        worker.calls.command({"type": "dance", "session_id": session.id})
        worker.calls.command({"type": "end", "session_id": session.id})
        await asyncio.sleep(0.5)
        assert client.socket.closed is None


@virtual_time
async def test_a_dropped_stream_goes_on_with_the_same_clock_transcript_and_recording() -> None:
    async with Running(plant(FakeEngines("before", "after"))) as worker:
        session = worker.plant.create()
        first = await worker.client(session)
        await first.say(1.0)
        assert first.conversation is not None
        first.conversation.leave(first.leg)
        await asyncio.sleep(60)
        assert worker.plant.stored(session).disconnected_at is not None
        second = await worker.client(session)
        assert (second.said[0]["resumed"], second.said[0]["last_sequence"]) == (True, 1)
        assert worker.plant.stored(session).disconnected_at is None
        await second.say(1.0)
        final = second.of("transcript.final")[0]
        assert final["sequence"] == 2
        assert final["start_time"] == pytest.approx(62.0, abs=0.1)
        second.send(EndRequest())
        await asyncio.sleep(1)
        stored = worker.plant.stored(session)
        assert stored.usage.active_s == pytest.approx(4.0, abs=0.1)
        chunks = worker.plant.sessions.chunks(session.tenant, session.id)
        assert all(
            later.offset_s == pytest.approx(earlier.offset_s + earlier.duration_s)
            for earlier, later in itertools.pairwise(chunks)
        )
        assert max(chunk.duration_s for chunk in chunks) <= 10.0


@virtual_time
async def test_without_a_leg_the_session_ends_after_the_reconnect_window() -> None:
    async with Running(plant(limits=Limits(reconnect_s=300))) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        await client.speak(SILENCE)
        assert client.conversation is not None
        client.conversation.leave(client.leg)
        await asyncio.sleep(299)
        assert worker.plant.stored(session).status is Status.ACTIVE
        await asyncio.sleep(2)
        stored = worker.plant.stored(session)
        assert (stored.status, stored.end_reason) == (Status.ENDED, EndReason.TIMEOUT)
        assert stored.usage.active_s == pytest.approx(1.0, abs=0.03)


@virtual_time
async def test_too_long_without_audio_ends_the_session_and_tells_the_leg() -> None:
    async with Running(plant(limits=Limits(idle_s=120))) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        await client.speak(SILENCE)
        await asyncio.sleep(121)
        assert client.said[-1]["reason"] == "timeout"
        assert worker.plant.stored(session).end_reason is EndReason.TIMEOUT


@virtual_time
async def test_speech_that_just_stops_coming_is_ended_by_the_clock() -> None:
    async with Running(plant(FakeEngines("push to talk"))) as worker:
        client = await worker.client(worker.plant.create())
        await client.speak(loud(1.0))
        await asyncio.sleep(1)
        assert client.of("transcript.final")[0]["text"] == "push to talk"


@virtual_time
async def test_a_muted_leg_is_not_heard() -> None:
    async with Running(plant()) as worker:
        client = await worker.client(worker.plant.create())
        client.send(Control(ControlAction.MUTE))
        await client.say(1.0)
        assert client.of("transcript.final") == []
        client.send(Control(ControlAction.UNMUTE))
        await client.say(1.0)
        assert len(client.of("transcript.final")) == 1


@virtual_time
async def test_a_pause_stops_transcription_and_its_meter_but_not_the_recording() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        client.send(Control(ControlAction.PAUSE_TRANSCRIPTION))
        await client.say(1.0)
        client.send(Control(ControlAction.RESUME_TRANSCRIPTION))
        await client.say(1.0)
        client.send(EndRequest())
        await asyncio.sleep(1)
        stored = worker.plant.stored(session)
        assert len(client.of("transcript.final")) == 1
        assert stored.usage.active_s == pytest.approx(4.0, abs=0.05)
        assert stored.usage.translation_s == pytest.approx(2.0, abs=0.05)
        chunks = worker.plant.sessions.chunks(session.tenant, session.id)
        assert sum(chunk.duration_s for chunk in chunks) == pytest.approx(4.0, abs=0.05)


@virtual_time
async def test_without_transcription_speech_is_translated_and_nothing_is_written_down() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create(transcription=Transcription(enabled=False))
        client = await worker.client(session)
        await client.say(1.0)
        assert client.of("audio.output") != []
        assert client.of("transcript.final") == client.of("transcript.partial") == []
        assert worker.plant.sessions.turns(session.tenant, session.id) == []


@virtual_time
async def test_pings_and_bad_messages_are_answered_and_the_stream_goes_on() -> None:
    async with Running(plant()) as worker:
        client = await worker.client(worker.plant.create())
        client.send(Ping())
        for _ in range(50):
            client.send(Refused("invalid_audio_format", "no", malformed=False))
        client.send(Refused("invalid_message", "no"))
        assert [message["type"] for message in client.said[1:]] == ["pong", "session.error", "session.error"]
        assert client.errors() == ["invalid_audio_format", "invalid_message"]
        assert client.socket.closed is None


@virtual_time
async def test_audio_far_ahead_of_the_clock_closes_that_socket_only() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create()
        flood = await worker.client(session, Role.CUSTOMER)
        other = await worker.client(session, Role.AGENT)
        for _ in range(12):
            flood.send(AudioIn(SILENCE, 8000, 1, None, None))
        assert flood.socket.closed == (4429, "audio comes faster than time passes")
        assert other.socket.closed is None
        assert worker.plant.stored(session).status is not Status.ENDED


@virtual_time
async def test_the_stream_that_joined_last_has_the_voice() -> None:
    async with Running(plant(FakeEngines("new"))) as worker:
        session = worker.plant.create()
        old = await worker.client(session, Role.CUSTOMER)
        new = await worker.client(session, Role.CUSTOMER)
        await asyncio.gather(old.say(1.0), new.say(1.0))
        assert old.errors()[0] == "speaker_taken"
        assert [final["text"] for final in new.of("transcript.final")] == ["new"]
        await asyncio.sleep(3)
        await old.say(1.0)
        assert len(old.of("transcript.final")) == 2


@virtual_time
async def test_another_worker_that_takes_the_session_makes_this_one_let_go() -> None:
    mine = plant(worker_id="worker_1")
    theirs = plant(worker_id="worker_2", sessions=mine.sessions, workers=mine.workers)
    async with Running(mine) as here, Running(theirs) as there:
        session = mine.create()
        old = await here.client(session)
        await old.say(1.0)
        mine.workers.forget("worker_1")
        new = await there.client(session)
        assert new.said[0]["resumed"] is True
        await old.say(1.0)
        assert old.socket.closed == (1012, "reconnect")
        assert len(here.calls) == 0
        assert worker_of(mine, session.id) == "worker_2"


def worker_of(of: Plant, session_id: str) -> str | None:
    found = of.sessions.tenant_of(session_id)
    assert found is not None
    session = of.sessions.find(found, session_id)
    return session.owner if session else None


@virtual_time
async def test_a_hand_over_writes_everything_before_the_sockets_close() -> None:
    async with Running(plant(FakeEngines("last words"))) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        await client.speak(loud(1.0))
        await worker.calls.hand_over()
        assert client.socket.closed is None
        stored = worker.plant.stored(session)
        assert (stored.status, stored.turn_count) == (Status.ACTIVE, 1)
        assert stored.disconnected_at is not None
        assert worker.plant.sessions.chunks(session.tenant, session.id) != []
        await worker.calls.dismiss()
        assert client.socket.closed == (1012, "reconnect")


@virtual_time
async def test_a_mono_recording_mixes_both_voices() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create(recording=Recording(enabled=True, channels=Channels.MONO))
        client = await worker.client(session)
        await client.speak(SILENCE)
        client.send(EndRequest())
        await asyncio.sleep(1)
        (pcm,) = worker.plant.recordings.objects.values()
        assert len(pcm) == pytest.approx(16000, abs=640)


@virtual_time
async def test_ten_minutes_of_talk_lose_nothing() -> None:
    lines = [f"line {number}" for number in range(200)]
    async with Running(plant(FakeEngines(*lines, asr_s=0.06, tts_s=0.02))) as worker:
        session = worker.plant.create()
        client = await worker.client(session)
        for number in range(200):
            await client.say(2.0, Role.CUSTOMER if number % 2 else Role.AGENT)
        client.send(EndRequest())
        await asyncio.sleep(1)
        stored = worker.plant.stored(session)
        turns = worker.plant.sessions.turns(session.tenant, session.id)
        assert [turn.text for turn in turns] == lines
        assert [turn.sequence for turn in turns] == list(range(1, 201))
        assert stored.usage.active_s == pytest.approx(600, abs=0.2)
        chunks = worker.plant.sessions.chunks(session.tenant, session.id)
        assert sum(chunk.duration_s for chunk in chunks) == pytest.approx(600, abs=0.2)
        assert len(worker.plant.engines.listeners) == 2
        assert all(listener.closed for listener in worker.plant.engines.listeners)
