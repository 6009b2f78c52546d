"""Which request of the outside a line of the log belongs to: by the load balancer's trace id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar

HEADER = "X-Amzn-Trace-Id"
_ROOT = re.compile(r"(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|\Z)", re.ASCII)

trace_id: ContextVar[str | None] = ContextVar("trace_id", default=None)
"""Of the socket that is being served. What is begun for a socket keeps it: a conversation has that of its first one."""


def trace_of(headers: Mapping[str, str]) -> str | None:
    """The id and nothing else: a client may have written the header, and whatever it likes into it."""
    found = _ROOT.search(headers.get(HEADER, ""))
    return found.group(1) if found else None
