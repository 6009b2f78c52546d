"""What two sides agree on: one stream of telephone sound, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Codec(StrEnum):
    """By the names of their rtpmap. Both have 8,000 samples a second, a byte each (G.711)."""

    PCMU = "PCMU"
    PCMA = "PCMA"


class SdpError(Exception):
    """The text is a sentence that names no address and no key of the other side."""


class Malformed(SdpError):
    """What came is no session description, or larger than any should be. SIP: 400."""


class NotAcceptable(SdpError):
    """It can be read, and there is nothing in it that this side can do. SIP: 488."""


@dataclass(frozen=True, slots=True)
class LocalMedia:
    """Our side. `host` is where the other side reaches us, an IP address; RTCP is at `port + 1`.

    `session_id` stays the same for a call; the caller raises `version` with every description that differs from the one
    before (RFC 3264, section 8). With `hold` we listen to nothing.
    """

    host: str
    port: int
    session_id: int
    version: int
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Agreed:
    """What our side does from now on.

    `host`, `port`: where the other side wants sound; nothing is sent there unless `sends`, and what comes is heard only
    if `hears`. `telephone_event` is the payload type of keys, None without. `ptime_ms` is the length of the packets
    that we send: 20, 40 or 60; those of the other side may have any.
    """

    host: str
    port: int
    rtcp_port: int
    codec: Codec
    payload_type: int
    telephone_event: int | None
    ptime_ms: int
    sends: bool
    hears: bool
    rtcp_mux: bool
