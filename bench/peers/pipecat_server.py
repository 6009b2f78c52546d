"""Pipecat as lean as it comes: Twilio in and out, Silero's voice activity, an echo between them; one process.

8 kHz everywhere (nothing is resampled), 20 ms out, no RTVI, no turn tracking, uvloop and httptools. Runs in an
environment of its own, see `requirements.in`. Prints {"port": …} when it listens.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

RATE_HZ = 8000
CHUNKS_OF_10_MS = 2


class Echo(FrameProcessor):
    """Whoever calls hears what they say."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            frame = OutputAudioRawFrame(audio=frame.audio, sample_rate=frame.sample_rate, num_channels=1)
        await self.push_frame(frame, direction)


app = FastAPI()


@app.websocket("/")
async def call(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive_text()
    start = json.loads(await websocket.receive_text())
    transport = FastAPIWebsocketTransport(websocket=websocket, params=_transport(start["start"]["streamSid"]))
    detector = VADProcessor(vad_analyzer=SileroVADAnalyzer())
    worker = PipelineWorker(
        Pipeline([transport.input(), detector, Echo(), transport.output()]),
        params=PipelineParams(audio_in_sample_rate=RATE_HZ, audio_out_sample_rate=RATE_HZ),
        idle_timeout_secs=None,
        check_dangling_tasks=False,
        enable_rtvi=False,
        enable_turn_tracking=False,
    )

    @transport.event_handler("on_client_disconnected")
    async def hung_up(_transport: object, _client: object) -> None:
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False, force_gc=False, check_dangling_tasks=False)
    await runner.add_workers(worker)
    await runner.run()


def _transport(stream_id: str) -> FastAPIWebsocketParams:
    without_hang_up = TwilioFrameSerializer.InputParams(auto_hang_up=False)
    return FastAPIWebsocketParams(
        audio_in_enabled=True,
        audio_out_enabled=True,
        audio_out_10ms_chunks=CHUNKS_OF_10_MS,
        add_wav_header=False,
        serializer=TwilioFrameSerializer(stream_sid=stream_id, params=without_hang_up),
    )


async def main() -> None:
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    door = socket.create_server(("127.0.0.1", 0), backlog=2048)
    settings = uvicorn.Config(app, http="httptools", log_level="error", ws_per_message_deflate=False, lifespan="off")
    print(json.dumps({"port": door.getsockname()[1]}), flush=True)
    await uvicorn.Server(settings).serve(sockets=[door])


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as own_loop:
        own_loop.run(main())
