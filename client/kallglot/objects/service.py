"""The deployment itself: the languages it speaks, what was used, who may call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from kallglot.objects.reading import Object
from kallglot.objects.sessions import Meters


@dataclass(frozen=True, kw_only=True)
class Language(Object):
    """What the running engines can do with it: hear it, read and write it, speak it."""

    code: str = ""
    name: str = ""
    speech_in: bool = False
    text: bool = False
    speech_out: bool = False


@dataclass(frozen=True, kw_only=True)
class DayOfUsage(Meters):
    """UTC."""

    date: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Usage(Object):
    """Every day that was asked for, first to last, and their sum. `raw` has `from` and `to`."""

    data: tuple[DayOfUsage, ...] = ()
    total: Meters = field(default_factory=Meters)


@dataclass(frozen=True, kw_only=True)
class ApiKey(Object):
    """`key` is shown once, in the answer to its creation."""

    key: str | None = field(default=None, repr=False)
    name: str | None = None
    livemode: bool = False
    scopes: tuple[str, ...] = ()
    last_four: str | None = None
    created_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
