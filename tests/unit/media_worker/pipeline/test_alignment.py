"""The two channels of a recording against each other, over ten minutes of virtual time."""

from __future__ import annotations

import asyncio
import random

import numpy as np

from core.domain.sessions import Role
from media_worker.messages import AudioIn
from tests.fakes.talk import Client, Running
from tests.fakes.telephone import Telephone, media
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import plant

MINUTES = 10
CLICK_EVERY_S = 10
RATE_HZ = 8000
TOLERANCE = RATE_HZ * 20 // 1000
Channel = np.ndarray[tuple[int], np.dtype[np.int16]]


def clicks(clock: float) -> bytes:
    """Ten minutes with a click every ten seconds, by a sound card whose clock is that much too fast."""
    samples = np.zeros(int(MINUTES * 60 * RATE_HZ * clock), np.int16)
    for second in range(CLICK_EVERY_S, MINUTES * 60, CLICK_EVERY_S):
        at = round(second * RATE_HZ * clock)
        samples[at : at + 160] = 16_000 * (-1) ** np.arange(160)
    return samples.astype("<i2").tobytes()


async def customer_speaks(telephone: Telephone, jitter: random.Random) -> None:
    """By carrier: each frame up to 60 ms late, so in the wrong order, too; some twice, some never."""
    loop, clock = asyncio.get_running_loop(), 1 + 50e-6
    sound = clicks(clock)
    for frame in range(len(sound) // 320):
        await asyncio.sleep((frame + 1) * 0.02 / clock - loop.time())
        pcm = sound[frame * 320 : (frame + 1) * 320]
        if jitter.random() < 0.002 and not any(pcm):
            continue
        word = media(frame + 1, pcm)
        loop.call_later(jitter.random() * 0.06, telephone.say, word)
        if jitter.random() < 0.01:
            loop.call_later(jitter.random() * 0.06, telephone.say, word)


async def agent_speaks(client: Client, jitter: random.Random) -> None:
    """By browser at 16 kHz: messages of 100 ms, up to 80 ms late, and for six seconds of each minute none at all."""
    loop, clock = asyncio.get_running_loop(), 1 - 50e-6
    sound = clicks(clock)
    for message in range(len(sound) // 1600):
        await asyncio.sleep((message + 1) / 10 / clock + jitter.random() * 0.08 - loop.time())
        if message % 600 not in range(505, 560):
            narrow = np.frombuffer(sound[message * 1600 : (message + 1) * 1600], "<i2")
            client.send(AudioIn(np.repeat(narrow, 2).tobytes(), 16000, 1, Role.AGENT, None))


def onsets(channel: Channel) -> list[int]:
    """Where each click begins, in samples."""
    loud = np.flatnonzero(np.abs(channel.astype(np.int32)) > 800)
    return [int(loud[0]), *(int(at) for at, before in zip(loud[1:], loud, strict=False) if at - before > RATE_HZ)]


@virtual_time
async def test_both_voices_stay_within_20_ms_of_each_other_for_ten_minutes() -> None:
    async with Running(plant()) as worker:
        session = worker.plant.create()
        customer = await Telephone(session).call(worker.calls, worker.plant)
        agent = await worker.client(session, Role.AGENT)
        await asyncio.gather(customer_speaks(customer, random.Random(1)), agent_speaks(agent, random.Random(2)))
        await worker.calls.hand_over()
        chunks = worker.plant.sessions.chunks(session.tenant, session.id)
        recorded = b"".join(worker.plant.recordings.objects[chunk.key] for chunk in chunks)
        left, right = np.frombuffer(recorded, "<i2").reshape(-1, 2).T
        customer_at, agent_at = onsets(left), onsets(right)
        assert len(customer_at) == len(agent_at) == MINUTES * 60 // CLICK_EVERY_S - 1
        apart = [abs(one - other) for one, other in zip(customer_at, agent_at, strict=True)]
        assert max(apart) <= TOLERANCE


@virtual_time
async def test_two_who_begin_together_lie_together_however_long_their_messages_are() -> None:
    """The session's clock starts with the first message's first sample, not with its arrival."""
    async with Running(plant()) as worker:
        session = worker.plant.create()
        customer = await worker.client(session, Role.CUSTOMER)
        agent = await worker.client(session, Role.AGENT)
        sound = bytes(8000) + b"\x00\x40\x00\xc0" * 80 + bytes(160 * 240)
        loop = asyncio.get_running_loop()

        def send(client: Client, milliseconds: int, since: int = 0) -> None:
            size = milliseconds * 16
            for at in range(since, len(sound), size):
                frame = AudioIn(sound[at : at + size], RATE_HZ, 1, None, None)
                loop.call_at((at + size) / 16000, client.send, frame)

        send(customer, 400)
        send(agent, 20, since=7680)
        await asyncio.sleep(4)
        await worker.calls.hand_over()
        recorded = b"".join(worker.plant.recordings.objects.values())
        left, right = np.frombuffer(recorded, "<i2").reshape(-1, 2).T
        assert abs(onsets(left)[0] - onsets(right)[0]) <= TOLERANCE
