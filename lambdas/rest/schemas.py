"""The request bodies, field by field (contract section 5). Rules between fields are in `requests`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from core.domain.access import Scope
from core.domain.sessions import Channels, EndReason, Mode, Role
from core.domain.targets import LONGEST_URL
from core.domain.terminology import MOST_IN_A_SESSION, MOST_LANGUAGES
from core.domain.webhooks import DEFAULT_OVERLAP, EVERYTHING, LONGEST_OVERLAP, filters
from lambdas.rest.agent_schemas import AgentIn
from lambdas.rest.fields import Hint, Language, Term, Voices
from lambdas.rest.queries import Time
from lambdas.rest.strict import Metadata, Short, Strict

PROVIDERS = ("twilio", "telnyx", "sip")


def _mode(value: object) -> object:
    if value not in tuple(Mode):
        raise PydanticCustomError("invalid_mode", "must be one of " + ", ".join(Mode))
    return value


def _provider(value: object) -> object:
    if value not in PROVIDERS:
        raise PydanticCustomError("invalid_provider", "must be one of " + ", ".join(PROVIDERS))
    return value


def _filter(value: str) -> str:
    if value not in filters():
        raise PydanticCustomError("invalid_event_type", "must be a type of event, noun.*, or *")
    return value


PhoneNumber = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{1,14}$", max_length=16)]
# Whether it is taken is for `core.services.webhook_targets` to say, which knows whose key asks.
WebhookUrl = Annotated[
    str,
    Field(
        max_length=LONGEST_URL,
        description="https, to a public host.",
        json_schema_extra={"format": "uri", "pattern": "^https://[^@]+$"},
    ),
]
EventFilters = Annotated[
    list[Annotated[str, AfterValidator(_filter), Field(json_schema_extra={"enum": sorted(filters())})]],
    Field(min_length=1, max_length=32, description="Types of events, `noun.*`, or `*` for all."),
]


def _whole(value: object) -> object:
    """JSON has one kind of number: 60.0 is an integer as its schema sees it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Overlap = Annotated[
    int,
    Field(
        ge=0,
        le=int(LONGEST_OVERLAP.total_seconds()),
        description="For how many seconds the secret before this one signs too.",
    ),
    BeforeValidator(_whole),
]


class ProviderIn(Strict):
    """The early shape of telephony."""

    type: Annotated[str, BeforeValidator(_provider), Field(json_schema_extra={"enum": list(PROVIDERS)})]
    phone_number: PhoneNumber | None = None
    call_sid: Short | None = None
    call_control_id: Short | None = None
    transport: Short | None = None
    codecs: Annotated[list[Short], Field(max_length=16)] | None = None


class SipIn(Strict):
    from_uri: Annotated[str, Field(pattern=r"^sips?:[^\s]+$", max_length=255)] | None = None


class RoutingIn(Strict):
    """The late shape of telephony."""

    phone_number: PhoneNumber | None = None
    connection_id: Annotated[str, Field(pattern=r"^pcon_[0-9A-Za-z]+$", max_length=64)] | None = None
    type: Literal["sip"] | None = None
    sip: SipIn | None = None
    direction: Literal["inbound", "outbound"] | None = None


class ParticipantIn(Strict):
    type: Role
    language: Language
    id: Short | None = None
    name: Short | None = None


class RecordingIn(Strict):
    enabled: bool = False
    channels: Channels = Channels.DUAL


class TranscriptionIn(Strict):
    enabled: bool = True
    partials: bool = True
    redact: Annotated[list[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]], Field(max_length=20)] = Field(
        default_factory=list
    )
    hints: Annotated[
        list[Hint],
        Field(
            max_length=32,
            description="Names and words that are likely to be said, the most important first. The set `whisper` "
            "hears about as many as fit into 64 tokens; others take no notice.",
        ),
    ] = Field(default_factory=list)
    policy: Annotated[
        Literal["quality", "balanced", "low"] | None,
        Field(
            description="How soon words are shown, against how sure they are, where the engine can choose (`whisper`). "
            "Without it, as the deployment has it."
        ),
    ] = None


class TranslationIn(Strict):
    """Beside what the organization has; where they differ, this holds."""

    glossary: Annotated[
        list[Annotated[dict[Language, Term], Field(min_length=2, max_length=MOST_LANGUAGES)]],
        Field(
            max_length=MOST_IN_A_SESSION,
            description="Terms by language code. Where one is said, its translation is held to it in the other "
            "language.",
            examples=[[{"de": "Rückläufer", "en": "returned debit"}]],
        ),
    ] = Field(default_factory=list)
    do_not_translate: Annotated[
        list[Term], Field(max_length=MOST_IN_A_SESSION, description="Names that are the same in every language.")
    ] = Field(default_factory=list)


class CreateSession(Strict):
    """POST /v1/sessions. A field given as null counts as left out."""

    mode: Annotated[Mode, BeforeValidator(_mode)]
    source_language: Language | None = None
    target_language: Language | None = None
    provider: ProviderIn | None = None
    routing: RoutingIn | None = None
    participants: Annotated[list[ParticipantIn], Field(min_length=1, max_length=16)] | None = None
    ai_agent: AgentIn | None = None
    recording: RecordingIn | None = None
    transcription: TranscriptionIn | None = None
    translation: TranslationIn | None = None
    voices: Voices | None = None
    webhook_url: WebhookUrl | None = None
    metadata: Metadata | None = None


class EndSession(Strict):
    """POST /v1/sessions/{id}/end."""

    reason: EndReason = EndReason.COMPLETED


class DialLeg(Strict):
    """POST /v1/sessions/{id}/dial."""

    to: Annotated[
        str,
        Field(
            pattern=r"^(\+[1-9][0-9]{1,14}|sips?:[^\s@<>\"]+@[^\s@<>\"]+)$",
            max_length=255,
            description="A number, or a SIP URI.",
        ),
    ]
    from_: Annotated[PhoneNumber | None, Field(alias="from")] = None
    participant: Short = Role.CUSTOMER.value


class CreateApiKey(Strict):
    """POST /v1/api_keys."""

    name: Annotated[str, Field(min_length=1, max_length=100, description="What it is for.")] | None = None
    scopes: (
        Annotated[
            list[Scope], Field(min_length=1, max_length=len(Scope), description="Left out: all of the key that asks.")
        ]
        | None
    ) = None
    expires_at: Annotated[Time, Field(description="Left out: never.")] | None = None


class CreateWebhookEndpoint(Strict):
    """POST /v1/webhook_endpoints."""

    url: WebhookUrl
    events: EventFilters = Field(default_factory=lambda: [EVERYTHING])
    description: Annotated[str, Field(max_length=255)] | None = None


class UpdateWebhookEndpoint(Strict):
    """PATCH /v1/webhook_endpoints/{id}. What is left out stays as it is; an empty description takes it away."""

    url: WebhookUrl | None = None
    events: EventFilters | None = None
    description: Annotated[str, Field(max_length=255)] | None = None
    status: Literal["enabled", "disabled"] | None = None


class Nothing(Strict):
    """A body without a field, as some routes take it, or none at all."""


class RotateSecret(Strict):
    """POST /v1/webhook_endpoints/{id}/rotate_secret."""

    overlap_seconds: Overlap = int(DEFAULT_OVERLAP.total_seconds())


class ReplayWebhookEndpoint(Strict):
    """POST /v1/webhook_endpoints/{id}/replay."""

    since: Annotated[Time, Field(alias="from", description="At most seven days ago.")]
    until: Annotated[Time | None, Field(alias="to", description="Left out: now.")] = None
    types: EventFilters | None = None
    only_failed: Annotated[bool, Field(description="Leave what arrived.")] = False
