"""A call by Twilio's stream through the deployed stack, with real speech in both directions."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from kallglot import AsyncKallglot
from media_worker.audio import g711
from tests.fakes.telephone import FRAME_S, Line, hello, media
from tests.integration.wire import ready

pytestmark = pytest.mark.asyncio(loop_scope="session")
_PATIENCE_S = 20.0


class Caller:
    """Sends a frame each 20 ms, silence where there is nothing to say, and plays what comes."""

    def __init__(self, socket: ClientConnection) -> None:
        self.line = Line()
        self._socket = socket
        self._to_say = bytearray()

    def say(self, pcm: bytes) -> None:
        self._to_say += pcm

    async def live(self) -> None:
        loop, began, chunk = asyncio.get_running_loop(), asyncio.get_running_loop().time(), 0
        while True:
            chunk += 1
            # A telephone's clock is real time.
            await asyncio.sleep(began + chunk * FRAME_S - loop.time())
            pcm = bytes(self._to_say[:320]).ljust(320, b"\0")
            del self._to_say[:320]
            await self._send(media(chunk, pcm))

    async def listen(self) -> None:
        """A mark goes back when it is reached; what comes meanwhile waits in the socket."""
        loop = asyncio.get_running_loop()
        async for message in self._socket:
            for at, name in self.line.take(json.loads(message), loop.time()):
                await asyncio.sleep(at - loop.time())
                await self._send({"event": "mark", "mark": {"name": name}})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send(json.dumps(message))


async def test_a_caller_is_understood_and_hears_the_agent_translated(api: AsyncKallglot, question: bytes) -> None:
    session = await api.sessions.create(mode="bidirectional_translation", source_language="en", target_language="es")
    stream = session["stream"]
    as_agent = {"stream": {**stream, "url": f"{stream['url']}?participant=agent"}}
    async with ready(as_agent) as agent, connect(stream["url"]) as socket:
        for message in hello("twilio", token=stream["token"]):
            await socket.send(json.dumps(message))
        caller = Caller(socket)
        background = [asyncio.create_task(work) for work in (caller.live(), caller.listen())]
        try:
            caller.say(g711.mulaw_to_pcm(question))
            final = await agent.until("transcript.final")
            assert (final["speaker"], final["language"]) == ("customer", "en")
            assert "order" in final["text"].lower()
            assert (await agent.until("audio.output"))["target"] == "agent"
            await agent.text("Su pedido llegará mañana por la tarde.", "agent")
            async with asyncio.timeout(_PATIENCE_S):
                while not caller.line.marks:
                    await asyncio.sleep(0.05)  # polls what the listening task writes
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
        assert {len(pcm) for _, _, pcm in caller.line.frames} == {320}
        assert len(caller.line.heard) > 16000, "a sentence is longer than a second"
        gaps = [b[1] - a[1] for a, b in itertools.pairwise(caller.line.frames)]
        assert max(gaps) < 0.03, "the line never runs dry within a sentence"
