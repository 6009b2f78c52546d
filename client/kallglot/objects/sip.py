"""Calls by SIP: who may come in, and where calls go out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from kallglot.objects.reading import Object, Shape


@dataclass(frozen=True, kw_only=True)
class SipTrunk(Shape):
    """Its password is never shown."""

    uri: str = ""
    transport: str = ""
    username: str | None = None
    from_uri: str | None = None


@dataclass(frozen=True, kw_only=True)
class SipSettings(Object):
    """`uri` has `{session_id}` where a session's id goes; None where no calls are taken by SIP."""

    uri: str | None = None
    livemode: bool = False
    needs_password: bool = False
    allowed_networks: tuple[str, ...] = ()
    max_calls: int | None = None
    trunk: SipTrunk | None = None


@dataclass(frozen=True, kw_only=True)
class SipCredential(Object):
    """`password` is shown once, in the answer to its creation or rotation."""

    password: str | None = field(default=None, repr=False)
    username: str = ""
    realm: str = ""
    livemode: bool = False
    created_at: dt.datetime | None = None
    rotated_at: dt.datetime | None = None
    previous_password_until: dt.datetime | None = None
