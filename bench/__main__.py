"""`make bench`: prints the table of figures; `--json` prints them as JSON, `--quick` leaves the climb out."""

from __future__ import annotations

import argparse
import json
import logging
import platform
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import media_plane, rest

_VERSIONS = ("aiohttp", "uvloop", "msgspec", "numpy", "onnxruntime", "silero-vad", "pydantic", "aws-lambda-powertools")


def main() -> int:
    given = argparse.ArgumentParser(prog="bench", description=__doc__)
    given.add_argument("--json", action="store_true")
    given.add_argument("--quick", action="store_true")
    given.add_argument("--preferred", action="store_true", help="before all other processes of a busy machine (root)")
    options = given.parse_args()
    # The handlers log every request; here nobody reads it.
    logging.disable(logging.CRITICAL)
    figures = media_plane.measure(quick=options.quick, preferred=options.preferred) | {
        "rest": asdict(rest.measure()),
        "machine": machine(),
    }
    print(json.dumps(figures, indent=2) if options.json else table(figures))
    return 0


def machine() -> dict[str, str]:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return {"cpu": model, "python": platform.python_version(), **{name: version(name) for name in _VERSIONS}}


def table(figures: dict[str, Any]) -> str:
    rows = [_stream_row(name, figures[name]) for name in ("few", "many", "most") if figures[name]]
    return "\n".join(
        [
            "Media plane, engines stubbed, voice activity and recording on, one core",
            "  calls   CPU µs per frame in and out   cores   added delay p50 / p99 ms",
            *rows,
            f"  memory per call {figures['mb_per_call']:.2f} MB",
            "",
            "REST, stores in memory",
            *rest.lines(rest.RestFigures(**figures["rest"])),
            "",
            ", ".join(f"{name} {what}" for name, what in figures["machine"].items()),
        ]
    )


def _stream_row(name: str, figure: dict[str, Any]) -> str:
    most = "  the most that stayed within 20 ms" if name == "most" else ""
    return (
        f"  {figure['calls']:5d}   {figure['us_per_frame']:27.1f}   {figure['cores']:5.2f}"
        f"   {figure['p50_ms']:.1f} / {figure['p99_ms']:.1f}{most}"
    )


if __name__ == "__main__":
    sys.exit(main())
