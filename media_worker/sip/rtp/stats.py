"""What became of a call's packets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class RtpStats:
    """Packets, but for `concealed`: 20 ms pieces that were made up for lost ones.

    `late` came when their time had been filled already; `ignored` were no RTP, of another payload type, too many or of
    somebody else. `skipped` are pieces of silence left out to make up for a stall. `jitter_ms` is that of RFC 3550,
    section 6.4.1. `remote_lost_share` (0…1) and `round_trip_ms` are what the other side's reports say, None before;
    `remote_left` is its good-bye there.
    """

    received: int = 0
    lost: int = 0
    late: int = 0
    duplicates: int = 0
    ignored: int = 0
    concealed: int = 0
    skipped: int = 0
    jitter_ms: float = 0.0
    sent: int = 0
    remote_lost_share: float | None = None
    round_trip_ms: float | None = None
    remote_left: bool = False
