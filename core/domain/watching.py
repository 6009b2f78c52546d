"""The rules of the events socket: how much, how long, and what a worker is told when somebody watches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

MESSAGE_BYTES = 4096
MOST_SUBSCRIPTIONS = 100
# Of one tenant. Counted when somebody connects, so a burst may pass it by a few.
MOST_CONNECTIONS = 1000
# Finals told again to one who subscribes late; older ones are in the transcript.
MOST_REPLAYED = 200

# API Gateway ends a connection after two hours at the latest.
CONNECTION_LIFETIME = timedelta(hours=2, minutes=5)
# As long as API Gateway lets a connection be silent: who keeps theirs open has sent a ping by then.
WATCH_LIFETIME = timedelta(minutes=10)
# However often somebody pings.
RENEWED_EVERY = timedelta(seconds=30)
# What is said has moved on by then.
PARTIAL_LASTS = timedelta(seconds=5)


def watch_command(session_id: str, at: datetime, until: datetime) -> dict[str, str]:
    """To the worker that holds the session: tell partials until then. Commands may overtake each other; the one with
    the latest `at` holds, and one whose `until` has passed says that nobody watches any more."""
    return {"type": "watch", "session_id": session_id, "at": at.isoformat(), "until": until.isoformat()}


def watch_of(command: Mapping[str, str]) -> tuple[datetime, datetime] | None:
    """`at` and `until` of such a command; None when they cannot be read."""
    try:
        at, until = (datetime.fromisoformat(command[name]) for name in ("at", "until"))
    except (KeyError, TypeError, ValueError):
        return None
    return None if at.tzinfo is None or until.tzinfo is None else (at, until)
