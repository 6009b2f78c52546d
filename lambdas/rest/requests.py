"""A valid create body → what the service takes: the rules between fields, and both shapes of telephony."""

from __future__ import annotations

from typing import Any

from core.domain.access import Tenant
from core.domain.agent_records import merged
from core.domain.engines import EngineSet
from core.domain.organizations import Defaults
from core.domain.sessions import Mode, Participant, Provider, Recording, Transcription
from core.domain.terminology import Terminology
from core.errors import invalid_field
from core.services.creating import NewSession
from core.services.routing import Routing, RoutingService
from core.services.webhook_targets import TargetCheck
from lambdas.rest.agent_schemas import AgentIn
from lambdas.rest.schemas import CreateSession, ParticipantIn, ProviderIn, RoutingIn
from lambdas.rest.validation import missing


def new_session(
    asked: CreateSession,
    tenant: Tenant,
    defaults: Defaults,
    engines: EngineSet,
    routing: RoutingService,
    targets: TargetCheck,
) -> NewSession:
    """What is left out is taken from the organization's `defaults`. Raises ValidationFailed."""
    asked = _filled(asked, defaults)
    _check_languages(asked, engines)
    _check_agent(asked)
    if asked.webhook_url is not None:
        targets.text(tenant, asked.webhook_url, "webhook_url")
    return NewSession(
        mode=asked.mode,
        source_language=asked.source_language,
        target_language=asked.target_language,
        provider=_telephony(asked, tenant, routing),
        participants=tuple(_participant(participant) for participant in asked.participants or ()),
        ai_agent=_agent(asked.ai_agent) if asked.ai_agent else None,
        recording=_recording(asked, defaults),
        transcription=_transcription(asked),
        terminology=_terminology(asked),
        voices=asked.voices or {},
        webhook_url=asked.webhook_url,
        metadata=asked.metadata,
    )


def _filled(asked: CreateSession, defaults: Defaults) -> CreateSession:
    names = ("source_language", "target_language", "webhook_url")
    left_out = [name for name in names if getattr(asked, name) is None]
    return asked.model_copy(update={name: getattr(defaults, name) for name in left_out})


def _recording(asked: CreateSession, defaults: Defaults) -> Recording:
    if asked.recording is None:
        return defaults.recording or Recording()
    return Recording(**asked.recording.model_dump())


def _check_languages(asked: CreateSession, engines: EngineSet) -> None:
    """Left out and without a default, a language is detected, which not every engine set can."""
    if engines.detects_language:
        return
    for name in ("source_language", "target_language"):
        if getattr(asked, name) is None:
            raise missing(name)


def _check_agent(asked: CreateSession) -> None:
    agent = asked.ai_agent
    if agent is None:
        if asked.mode is Mode.AI_AGENT:
            raise missing("ai_agent")
        return
    if agent.id is None and agent.overrides is not None:
        raise invalid_field("ai_agent.overrides", "goes with ai_agent.id only")
    if agent.id is None and agent.system_prompt is None and asked.mode is not Mode.HELP_CHAT_VOICE:
        raise missing("ai_agent.system_prompt")
    if agent.id is not None and (own := merged({}, agent.described())):
        raise invalid_field(f"ai_agent.{next(iter(own))}", "goes into overrides when ai_agent.id is given")


def _agent(given: AgentIn) -> dict[str, Any]:
    """As it was given; by its id, with what differs and None for what is taken away."""
    if given.id is None:
        return merged({}, given.described())
    return {"id": given.id, "overrides": given.overrides.described() if given.overrides else {}}


def _telephony(asked: CreateSession, tenant: Tenant, routing: RoutingService) -> Provider | None:
    if asked.provider and asked.routing:
        raise invalid_field("routing", "cannot be given together with provider")
    if asked.provider:
        return _provider(asked.provider)
    return routing.resolve(tenant, _routing(asked.routing)) if asked.routing else None


def _provider(given: ProviderIn) -> Provider:
    details = {name: value for name, value in _given(given).items() if name not in ("type", "phone_number")}
    return Provider(given.type, phone_number=given.phone_number, details=details)


def _routing(given: RoutingIn) -> Routing:
    ways = [name for name in ("phone_number", "connection_id", "type") if getattr(given, name) is not None]
    if len(ways) > 1:
        raise invalid_field("routing", f"takes one of {', '.join(ways)}, not several")
    if given.sip and given.type is None:
        raise missing("routing.type")
    return Routing(
        connection_id=given.connection_id,
        sip=given.type == "sip",
        sip_from_uri=given.sip.from_uri if given.sip else None,
        phone_number=given.phone_number,
        direction=given.direction,
    )


def _participant(given: ParticipantIn) -> Participant:
    return Participant(given.type, given.language, given.id, given.name)


def _transcription(asked: CreateSession) -> Transcription:
    given = asked.transcription
    if given is None:
        return Transcription()
    return Transcription(given.enabled, given.partials, tuple(given.redact), tuple(given.hints), given.policy)


def _terminology(asked: CreateSession) -> Terminology:
    given = asked.translation
    return Terminology(tuple(given.glossary), tuple(given.do_not_translate)) if given else Terminology()


def _given(model: ProviderIn) -> dict[str, Any]:
    return model.model_dump(exclude_none=True)
