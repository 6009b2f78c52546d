"""What a worker counts, and the line that it becomes once a minute."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

from core.domain.sessions import Role
from media_worker.limits import SocketLimits
from media_worker.messages import Failure, Lag, LagAction, Latency
from media_worker.pipeline.calls import Calls
from media_worker.pipeline.notices import TEXTS
from media_worker.server import MediaServer
from media_worker.telemetry import FAULTS, UNITS, Levels, Reporter, Sample, Telemetry
from tests.fakes.engines import FakeEngines
from tests.fakes.talk import Client, Running
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import LoopClock, plant

LEVELS = Levels(sessions=3, sockets=5, load_percent=12.34)


def latency(asr_ms: float, tts_ms: float, total_ms: float) -> Latency:
    return Latency(
        "seg_1", {"endpoint_ms": 400.0, "asr_ms": asr_ms, "mt_ms": 1.0, "queue_ms": 0.0, "tts_ms": tts_ms}, total_ms
    )


def test_the_wait_for_the_first_sound_is_told_value_by_value() -> None:
    telemetry = Telemetry()
    telemetry.note(latency(50.0, 20.0, 700.0))
    telemetry.note(latency(60.0, 30.0, 900.0))
    assert telemetry.take() == {
        "Segments": 2,
        "Faults": 0,
        "FirstAudioMs": [700.0, 900.0],
        "RecognitionMs": [50.0, 60.0],
    }


def test_what_was_typed_or_is_only_read_says_nothing_of_sound() -> None:
    telemetry = Telemetry()
    telemetry.note(latency(0.0, 20.0, 30.0))
    telemetry.note(latency(50.0, 0.0, 460.0))
    assert telemetry.take() == {"Segments": 2, "Faults": 0, "FirstAudioMs": [30.0], "RecognitionMs": [50.0]}


def test_only_what_is_our_fault_counts_as_one() -> None:
    telemetry = Telemetry()
    for code in ("translation_failed", "not_understood", "speech_skipped", "internal_error"):
        telemetry.note(Failure(code, ""))
    telemetry.note(Lag("seg_1", Role.AGENT, LagAction.SKIPPED, 900))
    assert telemetry.take() == {"Segments": 0, "Faults": 2}
    assert set(TEXTS) >= FAULTS


def test_a_share_is_told_of_ten_sentences_and_more() -> None:
    telemetry = Telemetry()
    for _ in range(8):
        telemetry.note(latency(0.0, 0.0, 10.0))
    telemetry.note(Failure("speech_failed", ""))
    assert "FaultPercent" not in telemetry.take()
    for _ in range(9):
        telemetry.note(latency(0.0, 0.0, 10.0))
    telemetry.note(Failure("speech_failed", ""))
    assert telemetry.take()["FaultPercent"] == 10.0


def test_every_minute_is_counted_anew() -> None:
    telemetry = Telemetry()
    telemetry.note(latency(50.0, 20.0, 700.0))
    telemetry.take()
    assert telemetry.take() == {"Segments": 0, "Faults": 0}


def test_of_a_thousand_values_a_hundred_are_told_and_late_ones_as_likely_as_early_ones() -> None:
    dice = random.Random(7)
    late = 0
    for _ in range(200):
        sample = Sample(dice.random)
        for value in range(1000):
            sample.add(value)
        assert len(sample.values) == 100 == len(set(sample.values))
        late += sum(value >= 500 for value in sample.values)
    assert abs(late / (200 * 100) - 0.5) < 0.02


@virtual_time
async def test_a_line_is_in_the_embedded_metric_format_at_once_and_every_minute() -> None:
    written: list[str] = []
    telemetry = Telemetry()
    reporter = Reporter(telemetry, "Kallglot/kallglot-dev", "worker_1", LoopClock(), written.append)
    telemetry.note(latency(50.0, 20.0, 700.0))
    running = asyncio.create_task(reporter.run(lambda: LEVELS))
    await asyncio.sleep(61)
    running.cancel()
    first, second = (json.loads(line) for line in written)
    (directive,) = first["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Kallglot/kallglot-dev", [["service"]])
    assert (first["service"], first["worker_id"]) == ("media_worker", "worker_1")
    told = {metric["Name"]: (first[metric["Name"]], metric["Unit"]) for metric in directive["Metrics"]}
    assert told == {
        "Load": (12.3, "Percent"),
        "Sessions": (3, "Count"),
        "Sockets": (5, "Count"),
        "Segments": (1, "Count"),
        "Faults": (0, "Count"),
        "FirstAudioMs": ([700.0], "Milliseconds"),
        "RecognitionMs": ([50.0], "Milliseconds"),
    }
    assert set(told) == set(UNITS) - {"FaultPercent"}
    # Fields that are neither a metric nor a dimension, and nothing that was said among them.
    assert set(first) - set(told) == {"_aws", "service", "worker_id"}
    assert second["_aws"]["Timestamp"] - first["_aws"]["Timestamp"] == 60_000
    assert "FirstAudioMs" not in second


@virtual_time
async def test_a_worker_is_as_full_as_that_of_which_it_has_least_room_left() -> None:
    made = plant()
    calls = Calls(made.equipment)
    server = MediaServer(calls, SocketLimits(sessions=4, sockets=100))
    assert server.levels() == Levels(0, 0, 0.0)
    await Client(made.create()).connect(calls, made)
    assert server.levels() == Levels(1, 0, 25.0)


@virtual_time
async def test_a_superseded_worker_does_not_make_the_others_look_idle() -> None:
    calls = Calls(plant().equipment)
    levels = MediaServer(calls, is_relieved=lambda: True).levels()
    assert levels == Levels(0, 0, None)
    line = json.loads(Reporter(Telemetry(), "Kallglot/x", "worker_1", LoopClock(), print)._line(levels))
    assert "Load" not in line
    assert "Load" not in [metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]


@virtual_time
async def test_a_call_leaves_its_latencies_and_faults_with_the_worker() -> None:
    made = plant(FakeEngines("hello", asr_s=0.05, mt_s=0.01, tts_s=0.02))
    async with Running(made) as running:
        client = await running.client(made.create())
        await client.say(1.0)
        (told,) = client.of("latency")
    taken: dict[str, Any] = made.equipment.telemetry.take()
    assert (taken["Segments"], taken["Faults"]) == (1, 0)
    assert taken["FirstAudioMs"] == [told["total_ms"]]
