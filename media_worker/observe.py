"""Logs as JSON lines: what happened and to which session; never a text that was said, a token or a number."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from media_worker.trace import trace_id

_FIELDS = ("session_id", "segment_id", "worker_id", "code", "offset_s", "figures", "peer")
_FRAMES = 8


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        shown: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        shown |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if (trace := trace_id.get()) is not None:
            shown["xray_trace_id"] = trace
        if record.exc_info and record.exc_info[1]:
            shown["exception"] = _described(record.exc_info[1])
        return json.dumps(shown, default=str)


def _described(error: BaseException) -> list[str]:
    """What was raised and where, causes after their effects. Not its text: a foreign one may quote what was said."""
    described: list[str] = []
    while True:
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        described.append(f"{type(error).__name__} at " + ", ".join(f"{f.filename}:{f.lineno} {f.name}" for f in frames))
        if error.__cause__ is None or len(described) == _FRAMES:
            return described
        error = error.__cause__


def log_to_stdout(level: str) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("botocore").setLevel(logging.WARNING)


def write_line(line: str) -> None:
    """Onto the same stream, whatever the level of the log is: what is counted is no message."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
