"""Calls by SIP: `core.domain.sip_views`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.domain.sip import Transport
from reference.objects.base import ListOf, Shown, Timestamp


class SipTrunk(Shown):
    """Where calls that are dialed go out. Its password is never shown."""

    uri: str
    transport: Transport
    username: str | None
    from_uri: str | None


class Sip(Shown):
    """How telephone systems call sessions, and who may."""

    object: Literal["sip"]
    livemode: bool
    uri: Annotated[
        str | None,
        Field(
            description="What to call, with a session's id in its place; null where no calls are taken by SIP.",
            examples=["sip:{session_id}@sip.example.com"],
        ),
    ]
    needs_password: Annotated[bool, Field(description="Whether there is a credential.")]
    allowed_networks: Annotated[list[str], Field(description="Where calls may come from; none: from anywhere.")]
    max_calls: Annotated[int | None, Field(description="Calls at once; null: as many as come.")]
    trunk: SipTrunk | None


class SipCredential(Shown):
    id: Annotated[str, Field(pattern="^sipc_", examples=["sipc_01HABC987654321"])]
    object: Literal["sip_credential"]
    livemode: bool
    username: str
    realm: Annotated[str, Field(description="Of the challenge, for systems that want to know it beforehand.")]
    created_at: Timestamp
    rotated_at: Timestamp | None
    previous_password_until: Annotated[
        Timestamp | None, Field(description="Until then the password before this one is good too.")
    ]


class NewSipCredential(SipCredential):
    """A credential as its creation and its rotation answer with it."""

    password: Annotated[str, Field(min_length=32, description="The password itself, in this answer only.")]


class DeletedSipCredential(Shown):
    id: Annotated[str, Field(pattern="^sipc_")]
    object: Literal["sip_credential"]
    deleted: Literal[True]


class SipCredentialList(ListOf):
    data: list[SipCredential]
