"""Tone and voice through every format, dialect and resampler: how much noise is added, and that nothing clicks.

G.711 alone allows about 37 dB; 16-bit PCM more than twice that.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable

import numpy as np
import pytest

from core.domain.sessions import Role
from media_worker.audio.formats import DECODE, ENCODE, FORMATS, AudioFormat, Encoding
from media_worker.audio.resample import Resampler
from media_worker.dialects.base import Dialect
from media_worker.dialects.native import NativeDialect
from media_worker.dialects.recognise import recognise
from media_worker.messages import AudioIn, Speech
from media_worker.pipeline.intake import Intake
from tests.fakes.telephone import hello
from tests.sounds import delayed_snr_db, samples, snr_db, tone, voice

PAIRS = [
    (8000, 16000), (16000, 8000), (24000, 8000), (24000, 16000), (48000, 8000), (48000, 16000),
    (8000, 24000), (8000, 48000), (16000, 24000), (16000, 48000),
]  # fmt: skip
Sound = Callable[[int], bytes]
SOUNDS = pytest.mark.parametrize(
    "sound", [lambda hz: tone(997.0, hz, 0.5), lambda hz: voice(hz, 0.5)], ids=["tone", "voice"]
)
CODECS: dict[str, Encoding | None] = {"PCMU": Encoding.MULAW, "PCMA": Encoding.ALAW, "L16": None}
ENOUGH_DB = {Encoding.MULAW: 33.0, Encoding.ALAW: 33.0, Encoding.PCM_16: 80.0}
ODD_MS = (20, 7, 100, 33, 20, 5, 60)


def pieces(pcm: bytes, rate_hz: int) -> list[bytes]:
    """Cut as no clock would."""
    made, at, number = [], 0, 0
    while at < len(pcm):
        size = rate_hz * ODD_MS[number % len(ODD_MS)] // 1000 * 2
        made.append(pcm[at : at + size])
        at, number = at + size, number + 1
    return made


def worst_step(pcm: bytes) -> float:
    return float(np.abs(np.diff(samples(pcm))).max())


@SOUNDS
@pytest.mark.parametrize("sound_format", list(FORMATS.values()), ids=lambda f: f"{f.encoding}-{f.rate_hz}")
def test_the_json_stream_adds_no_more_noise_than_its_encoding(sound_format: AudioFormat, sound: Sound) -> None:
    pcm = sound(sound_format.rate_hz)
    dialect = NativeDialect("sess_1")
    heard = b""
    for number, piece in enumerate(pieces(pcm, sound_format.rate_hz)):
        payload = b64encode(ENCODE[sound_format.encoding](piece)).decode()
        audio = {"encoding": sound_format.encoding, "sample_rate_hz": sound_format.rate_hz, "payload": payload}
        frame = json.dumps({"type": "audio.input", "sequence": number, "audio": audio}).encode()
        (message,) = dialect.receive(frame, binary=False)
        assert isinstance(message, AudioIn)
        heard += message.pcm
    assert snr_db(samples(pcm), samples(heard)) >= ENOUGH_DB[sound_format.encoding]
    assert worst_step(heard) <= worst_step(pcm) * 1.1
    said = b""
    for piece in pieces(pcm, sound_format.rate_hz):
        out = json.loads(dialect.send(speech(piece, sound_format.rate_hz)))["audio"]["payload"]
        said += DECODE[sound_format.encoding](b64decode(out))
    assert snr_db(samples(pcm), samples(said)) >= ENOUGH_DB[sound_format.encoding]


@SOUNDS
@pytest.mark.parametrize(
    ("carrier", "codec"), [("twilio", "PCMU"), ("telnyx", "PCMU"), ("telnyx", "PCMA"), ("telnyx", "L16")]
)
def test_a_carriers_stream_adds_no_more_noise_than_its_codec(carrier: str, codec: str, sound: Sound) -> None:
    dialect = started(carrier, codec)
    pcm = sound(dialect.format.rate_hz)
    heard, said = b"", b""
    for number, piece in enumerate(pieces(pcm, dialect.format.rate_hz), 1):
        payload = b64encode(on_the_wire(codec, piece)).decode()
        frame = {"event": "media", "media": {"track": "inbound", "chunk": str(number), "payload": payload}}
        (message,) = dialect.receive(json.dumps(frame).encode(), binary=False)
        assert isinstance(message, AudioIn)
        heard += message.pcm
        out = json.loads(dialect.send(speech(piece, dialect.format.rate_hz)))["media"]["payload"]
        said += from_the_wire(codec, b64decode(out))
    enough = 80.0 if codec == "L16" else 33.0
    for through in (heard, said):
        assert snr_db(samples(pcm), samples(through)) >= enough
        assert worst_step(through) <= worst_step(pcm) * 1.1


@SOUNDS
@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_every_resampler_is_transparent_and_does_not_click_at_the_edges(from_hz: int, to_hz: int, sound: Sound) -> None:
    pcm, wanted = sound(from_hz), sound(to_hz)
    resampler = Resampler(from_hz, to_hz)
    out = b"".join(resampler.push(piece) for piece in pieces(pcm, from_hz))
    assert delayed_snr_db(samples(wanted), samples(out)) >= 50.0
    settled = out[to_hz // 20 * 2 :]
    assert worst_step(settled) <= worst_step(wanted) * 1.1


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000, 48000])
def test_what_the_lane_hears_and_records_is_what_was_said(rate_hz: int) -> None:
    pcm, wanted = voice(rate_hz, 0.5), voice(8000, 0.5)
    intake = Intake(rate_hz, 16000 if rate_hz >= 16000 else 8000)
    narrow = b"".join(intake.convert(piece)[0] for piece in pieces(pcm, rate_hz))
    assert len(narrow) == pytest.approx(len(wanted), abs=4)
    assert delayed_snr_db(samples(wanted), samples(narrow)) >= 50.0


def test_the_measure_itself_tells_good_from_bad() -> None:
    clean = samples(tone(997.0, 8000, 1.0))
    noisy = clean + np.random.default_rng(1).normal(0, 10_000 / np.sqrt(2) / 100, len(clean))
    assert snr_db(clean, noisy) == pytest.approx(40.0, abs=0.5)
    assert snr_db(clean, np.roll(clean, 7)) < 10 < 60 < delayed_snr_db(clean, np.roll(clean, 7))


def speech(pcm: bytes, rate_hz: int) -> Speech:
    return Speech("seg_1", 1, Role.AGENT, Role.CUSTOMER, "en", pcm, rate_hz)


def on_the_wire(codec: str, pcm: bytes) -> bytes:
    encoding = CODECS[codec]
    return ENCODE[encoding](pcm) if encoding else np.frombuffer(pcm, "<i2").astype(">i2").tobytes()


def from_the_wire(codec: str, data: bytes) -> bytes:
    encoding = CODECS[codec]
    return DECODE[encoding](data) if encoding else np.frombuffer(data, ">i2").astype("<i2").tobytes()


def started(carrier: str, codec: str) -> Dialect:
    rate_hz = 16000 if codec == "L16" else 8000
    first, start = hello(carrier, token="x", output_codec=codec, output_sampling_rate=str(rate_hz))
    if carrier == "telnyx":
        start["start"]["media_format"] = {"encoding": codec, "sample_rate": rate_hz}
    dialect = recognise(json.dumps(first).encode(), "sess_1")
    for frame in (first, start):
        dialect.receive(json.dumps(frame).encode(), binary=False)
    return dialect
