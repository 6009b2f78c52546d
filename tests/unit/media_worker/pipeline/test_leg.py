from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from core.domain.access import Tenant
from core.domain.sessions import Mode, Role, Session
from media_worker.dialects.native import NativeDialect
from media_worker.messages import AudioIn, Failure, Speech
from media_worker.pipeline.audience import Audience
from media_worker.pipeline.leg import Leg
from media_worker.pipeline.party import Cast
from tests.fakes.talk import FakeSocket
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import plant


class Quiet(FakeSocket):
    """Without a loop there is no time to note."""

    def send(self, frame: bytes, *, droppable: bool = False) -> None:
        self.sent.append((0.0, json.loads(frame)))


CAST = Cast(
    Session(
        id="sess_1",
        tenant=Tenant("org_1", livemode=False),
        mode=Mode.BIDIRECTIONAL_TRANSLATION,
        created_at=datetime(2026, 3, 26, tzinfo=UTC),
        source_language="en",
        target_language="es",
    )
)
CUSTOMER, AGENT = CAST


def leg(number: int = 1, name: str | None = None) -> tuple[Leg, Quiet]:
    socket = Quiet()
    made = Leg(number, name, NativeDialect("sess_1"), socket)
    made.meet(CAST)
    return made, socket


def speech(target: Role, rate_hz: int = 8000, samples: int = 800) -> Speech:
    return Speech("seg_1", 1, target.other, target, "es", bytes(samples * 2), rate_hz)


def test_a_message_that_names_nobody_is_the_participants_voice() -> None:
    frame = AudioIn(b"\1\0", 8000, 1, None, None)
    assert list(leg(name="agent")[0].voices(frame)) == [(AGENT, b"\1\0")]
    assert list(leg()[0].voices(frame)) == [(CUSTOMER, b"\1\0")]


def test_stereo_is_customer_and_agent_whoever_is_named() -> None:
    frame = AudioIn(b"\1\0\2\0", 8000, 2, Role.AGENT, None)
    assert list(leg()[0].voices(frame)) == [(CUSTOMER, b"\1\0"), (AGENT, b"\2\0")]


def test_speech_is_played_in_the_rate_in_which_the_client_speaks() -> None:
    listener, socket = leg()
    listener.dialect.receive(b'{"type":"audio","data":"","encoding":"pcm_16","sample_rate":24000}', binary=False)
    listener.play(speech(Role.CUSTOMER, rate_hz=16000, samples=1600))
    audio = socket.sent[0][1]["audio"]
    assert (audio["encoding"], audio["sample_rate_hz"]) == ("pcm_16", 24000)
    assert len(base64.b64decode(audio["payload"])) == 2400 * 2


def test_the_same_complaint_is_heard_once_a_second() -> None:
    speaker, socket = leg()
    for now in (0.0, 0.5, 0.9, 1.0, 1.5):
        speaker.fail(Failure("invalid_audio_format", "no"), now)
    speaker.fail(Failure("invalid_message", "no"), 1.5)
    assert [message["error"]["code"] for _, message in socket.sent] == [
        "invalid_audio_format",
        "invalid_audio_format",
        "invalid_message",
    ]


def test_one_socket_without_a_role_hears_everything() -> None:
    audience, (both, socket) = Audience(), leg()
    audience.add(both)
    for party in CAST:
        audience.play(party, speech(party.role))
    assert len(socket.sent) == 2


def test_who_says_who_they_are_hears_only_what_is_for_them() -> None:
    audience = Audience()
    (agent, agent_socket), (customer, customer_socket) = leg(1, Role.AGENT), leg(2, Role.CUSTOMER)
    audience.add(agent)
    audience.add(customer)
    audience.play(AGENT, speech(Role.AGENT))
    assert (len(agent_socket.sent), len(customer_socket.sent)) == (1, 0)


def test_sockets_that_never_said_are_told_apart_by_how_they_speak() -> None:
    audience = Audience()
    (first, first_socket), (second, second_socket) = leg(1), leg(2)
    first.spoken.add(CUSTOMER)
    audience.add(first)
    audience.add(second)
    audience.play(CUSTOMER, speech(Role.CUSTOMER))
    assert (len(first_socket.sent), len(second_socket.sent)) == (1, 0)


def test_nobody_hears_their_own_voice_back() -> None:
    audience, (speaker, socket) = Audience(), leg()
    speaker.spoken.add(CUSTOMER)
    audience.add(speaker)
    audience.pass_on(AGENT, speech(Role.AGENT), speaker, everybody=True)
    assert socket.sent == []


def test_wideband_is_made_when_one_listener_can_hear_it() -> None:
    audience, (narrow, _), (wide, _) = Audience(), leg(1, Role.AGENT), leg(2, Role.AGENT)
    assert audience.speech_rate_hz(AGENT) is None
    audience.add(narrow)
    assert audience.speech_rate_hz(AGENT) == 8000
    wide.dialect.receive(b'{"type":"audio","data":"","encoding":"pcm_16","sample_rate":48000}', binary=False)
    audience.add(wide)
    assert audience.speech_rate_hz(AGENT) == 16000


@pytest.mark.parametrize(
    ("mode", "languages", "translated", "original"),
    [
        (Mode.BIDIRECTIONAL_TRANSLATION, "en es", {"customer", "agent"}, set()),
        (Mode.BIDIRECTIONAL_TRANSLATION, "en en", set(), {"customer", "agent"}),
        (Mode.ASSISTIVE_TRANSLATION, "en es", {"customer"}, {"agent"}),
        (Mode.AI_AGENT, "en en", set(), set()),
        (Mode.HELP_CHAT_VOICE, "en es", set(), set()),
    ],
)
def test_each_mode_says_who_hears_what(mode: Mode, languages: str, translated: set[str], original: set[str]) -> None:
    @virtual_time
    async def check() -> None:
        source, target = languages.split()
        session = plant().create(mode=mode, source_language=source, target_language=target)
        cast = Cast(session)
        pairs = [(cast.side(role.other), cast.side(role)) for role in Role]
        assert {
            listener.role.value for speaker, listener in pairs if cast.hears_translation(speaker, listener)
        } == translated
        assert {
            listener.role.value for speaker, listener in pairs if cast.hears_original(speaker, listener)
        } == original

    check()
