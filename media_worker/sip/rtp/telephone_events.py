"""Keys pressed on a telephone, as RFC 4733 sends them: many packets a press, all with the timestamp of its beginning.

A press is told by whichever of its packets comes first, so that neither a lost beginning nor a lost end matters, and
the end, which is sent three times, tells nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from media_worker.sip.rtp.packet import timestamp_distance

_KEYS = "0123456789*#ABCD"
_END = 0x80
# Of a press that lasts longer than a duration can say, the rest comes as another event that follows on (2.5.1.3).
_LONGEST = 0xFFFF
# Nobody lets go and presses again within 40 ms; but some senders let the timestamp run on (as if each packet were new).
_SAME_PRESS = 320
# As old as a packet may be; what seems older than that is another clock.
_OLDEST = 8000 * 10
# More than anybody types, and little enough for whoever is told.
_AT_ONCE, _PER_S = 20, 20


class _Press(NamedTuple):
    event: int
    timestamp: int
    duration: int
    is_over: bool


class TelephoneEvents:
    """One source's. `key` gets one of 0-9*#A-D, once a press; anything else that an event may be is passed over."""

    def __init__(self, key: Callable[[str], None]) -> None:
        self._key = key
        self._last: _Press | None = None
        self._left = float(_AT_ONCE)
        self._filled_at = 0.0

    def restart(self) -> None:
        """What comes next has another clock."""
        self._last = None

    def take(self, timestamp: int, payload: bytes, now: float) -> None:
        """The timestamp and the payload of a packet of the type agreed on; `now` in monotonic seconds."""
        if len(payload) < 4 or payload[0] >= len(_KEYS):
            return
        press = _Press(payload[0], timestamp, payload[2] << 8 | payload[3], bool(payload[1] & _END))
        last = self._last
        if last is not None:
            distance = timestamp_distance(timestamp, last.timestamp)
            if -_OLDEST < distance < 0:
                return
            if not distance or _goes_on(last, press, distance):
                self._last = press._replace(is_over=press.is_over or (not distance and last.is_over))
                return
        self._last = press
        if self._may_tell(now):
            self._key(_KEYS[press.event])

    def _may_tell(self, now: float) -> bool:
        self._left = min(_AT_ONCE, self._left + (now - self._filled_at) * _PER_S)
        self._filled_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def _goes_on(last: _Press, press: _Press, distance: int) -> bool:
    if last.is_over or press.event != last.event:
        return False
    return 0 < distance <= _SAME_PRESS or (distance <= _LONGEST and last.duration >= _LONGEST)
