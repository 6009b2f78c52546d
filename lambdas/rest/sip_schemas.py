"""The bodies of the routes for calls by SIP."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from core.domain.sip import MOST_CALLS, MOST_NETWORKS, TRUNK_URI, USERNAME, Transport
from lambdas.rest.strict import Strict

_QUOTED = r'^[^\x00-\x1f\x7f"\\]+$'
SipUri = Annotated[str, Field(pattern=r"^sips?:[^\s<>\"]+$", max_length=255)]


class TrunkIn(Strict):
    """Where calls that are dialed go out."""

    uri: Annotated[
        str,
        Field(
            pattern=f"^{TRUNK_URI.pattern.replace('?P<scheme>', '').replace('?P<host>', '').replace('?P<port>', '')}$",
            max_length=300,
            description="`sip:` or `sips:`, a host, and a port if it is not the usual one. No user.",
            examples=["sip:trunk.example.com", "sips:pbx.example.com:5061"],
        ),
    ]
    transport: Annotated[Transport | None, Field(description="Left out: `tls` for `sips:`, else `udp`.")] = None
    username: Annotated[
        str | None, Field(min_length=1, max_length=128, pattern=_QUOTED, description="For a trunk that asks.")
    ] = None
    password: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=256,
            pattern=_QUOTED,
            description="Never shown again. Left out: the one that is there, for the same uri, transport and username.",
        ),
    ] = None
    from_uri: Annotated[SipUri | None, Field(description="Who calls, where a dial or its session does not say.")] = None


class UpdateSip(Strict):
    """PATCH /v1/sip. What is left out stays; null takes away."""

    allowed_networks: Annotated[
        list[Annotated[str, Field(min_length=2, max_length=49)]] | None,
        Field(
            max_length=MOST_NETWORKS,
            description="Networks (CIDR) or addresses, of IPv4 or IPv6, that calls may come from. None at all: any.",
            examples=[["203.0.113.0/24", "2001:db8::/32"]],
        ),
    ] = None
    max_calls: Annotated[
        int | None, Field(ge=1, le=MOST_CALLS, description="Calls at once. null: as many as come.")
    ] = None
    trunk: TrunkIn | None = None


class CreateSipCredential(Strict):
    """POST /v1/sip_credentials."""

    username: Annotated[
        str | None, Field(pattern=f"^{USERNAME.pattern}$", description="Left out: the credential's id.")
    ] = None
