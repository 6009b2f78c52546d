"""A live conversation against a carrier that has lost its mind: nothing breaks, and nothing grows."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.sessions import Role
from tests.fakes.engines import LOUD, FakeEngines
from tests.fakes.talk import Running
from tests.fakes.telephone import Telephone, media
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import plant

CHUNKS = st.integers(-5, 2**60) | st.integers(0, 20) | st.text(max_size=8)
SIZES = st.integers(0, 4000)
MEDIA = st.builds(
    lambda chunk, size, track: {
        "event": "media",
        "media": {**media(0, (LOUD * 2)[: size * 2])["media"], "chunk": chunk, "track": track},
    },
    CHUNKS, SIZES, st.sampled_from(["inbound", "outbound", "sideways"]),
)  # fmt: skip
OTHER = st.builds(
    lambda event, name: {"event": event, "mark": {"name": name}, "payload": {"code": name}},
    st.sampled_from(["mark", "dtmf", "error", "connected", "start", "clear"]), st.text(max_size=10),
)  # fmt: skip
FRAMES = st.lists(st.one_of(MEDIA.map(json.dumps), OTHER.map(json.dumps), st.text(max_size=40)), max_size=60)


@settings(max_examples=60)
@given(st.sampled_from(["twilio", "telnyx"]), FRAMES)
def test_whatever_a_carrier_sends_the_session_goes_on_and_nothing_grows(carrier: str, frames: list[str]) -> None:
    @virtual_time
    async def check() -> None:
        engines = FakeEngines(*["hello"] * 100)
        async with Running(plant(engines)) as worker:
            session = worker.plant.create()
            agent = await worker.client(session, Role.AGENT)
            caller = await Telephone(session, carrier).call(worker.calls, worker.plant)
            for frame in frames:
                caller.wire(frame.encode())
                await asyncio.sleep(0.25)
            kept: dict[Any, Any] = caller.leg._sequencer._tracks
            assert len(kept) <= 1 and all(len(track.held) < 4 for track in kept.values())
            await agent.say(1.0)
            assert agent.of("transcript.final")[-1]["speaker"] == "agent"

    check()
