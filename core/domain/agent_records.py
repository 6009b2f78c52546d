"""An agent as it is kept under an id of its own: its description in the API's shape, and a record for each version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.domain.access import Tenant
from core.domain.views import timestamp

DESCRIBED = (
    *("system_prompt", "voice", "temperature", "model", "language", "knowledge_base_id", "tools", "greeting"),
    *("transfer", "turn_taking", "silence_prompt", "limits"),
)
"""What describes an agent, whether it is given with a session or kept under an id."""
MOST_VERSIONS_KEPT = 50
"""A change beyond these takes the oldest version away."""


@dataclass(frozen=True, slots=True)
class Agent:
    """`described` has only what was given of `DESCRIBED`, checked before it was kept. `version` counts from 1 and grows
    with every change; `updated_at` is when this version was made."""

    id: str
    tenant: Tenant
    name: str
    described: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    version: int = 1


def merged(described: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What is in `changes` takes the place of what was there, and None takes it away."""
    both = {**described, **changes}
    return {name: value for name, value in both.items() if value is not None}


def next_version(agent: Agent, changed: Agent, now: datetime) -> Agent | None:
    """`changed` as the version after `agent`; None when nothing is different."""
    if _text(changed) == _text(agent):
        return None
    return replace(changed, version=agent.version + 1, updated_at=now)


def agent_object(agent: Agent) -> dict[str, Any]:
    """The API's. What was not given is null: there the deployment's way holds."""
    return {
        "id": agent.id,
        "object": "agent",
        "name": agent.name,
        "version": agent.version,
        **{name: agent.described.get(name) for name in DESCRIBED},
        "tools": agent.described.get("tools") or [],
        "metadata": dict(agent.metadata),
        "created_at": timestamp(agent.created_at),
        "updated_at": timestamp(agent.updated_at),
    }


def _text(agent: Agent) -> str:
    """What a change may change. As JSON, where 1 and true are not the same."""
    return json.dumps([agent.name, agent.described, agent.metadata], sort_keys=True)
