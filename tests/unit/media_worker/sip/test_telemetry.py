from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

from media_worker.sip.rtp.stats import RtpStats
from media_worker.sip.telemetry import UNITS, Reporter, Telemetry
from tests.fakes.clocks import FakeClock
from tests.fakes.virtual_time import virtual_time


def test_answers_are_counted_by_whose_fault_they_are() -> None:
    telemetry = Telemetry()
    for code in (200, 200, 404, 403, 487, 503, 480, 500):
        telemetry.answered(code)
    taken = telemetry.take()
    assert (taken["CallsTaken"], taken["CallsRefused"], taken["CallsNotServed"]) == (2, 3, 3)
    assert telemetry.take()["CallsTaken"] == 0


def test_a_calls_network_is_told_when_it_was_long_enough_to_say_something() -> None:
    telemetry = Telemetry()
    telemetry.ended(RtpStats(received=95, lost=5, jitter_ms=7.25), reconnects=1)
    telemetry.ended(RtpStats(received=10, lost=10, jitter_ms=90.0), reconnects=0)
    taken = telemetry.take()
    assert (taken["LostPercent"], taken["JitterMs"], taken["LineReconnects"]) == ([5.0], [7.2], 1)


@virtual_time
async def test_a_line_a_minute() -> None:
    lines: list[str] = []
    clock = FakeClock(datetime(2026, 3, 26, 11, tzinfo=UTC))
    reporter = Reporter(Telemetry(), "Kallglot/x", "gateway_1", clock, lines.append)
    running = asyncio.create_task(reporter.run(lambda: 3, 200))
    await asyncio.sleep(61)
    running.cancel()
    assert len(lines) == 2
    told = json.loads(lines[0])
    assert (told["Calls"], told["Load"], told["service"]) == (3, 1.5, "sip")
    metrics = told["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    assert {metric["Name"]: metric["Unit"] for metric in metrics} == {m["Name"]: UNITS[m["Name"]] for m in metrics}
