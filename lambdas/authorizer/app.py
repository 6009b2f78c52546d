"""REQUEST authorizer: reads the API key and says who is calling, or why not, whether the caller's rate allows it,
and what is left of its organization's credits.

It always allows. A refusal travels in the context (`refusal`, or `retry_after` of who is too fast), so that the answer
wears the error envelope and its code; the REST function lets nobody pass without `org`. An error here is an answer 500
of the gateway.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.access import Refusal
from core.domain.limits import Standing, group_of
from core.services.access import Caller
from core.services.credits import CreditService
from core.services.rate_limits import RateLimiter
from lambdas.runtime import wiring
from lambdas.runtime.credentials import AmbiguousCredentials, credential
from lambdas.runtime.telemetry import logger


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return answer(wiring.authorizer(), event)


def answer(gate: wiring.Gate, event: Mapping[str, Any]) -> dict[str, Any]:
    try:
        caller = gate.access.identify(credential(event))
    except AmbiguousCredentials:
        caller = Refusal.UNKNOWN
    context = _context_of(caller)
    logger().info("authorized" if isinstance(caller, Caller) else "refused", extra=context)
    if isinstance(caller, Caller):
        context |= _rate(gate.limiter, caller, event) | _credits(gate.credits, caller)
    return _allow(event["methodArn"], context)


def _context_of(caller: Caller | Refusal) -> dict[str, str]:
    if isinstance(caller, Refusal):
        return {"refusal": caller.value}
    principal = caller.principal
    return {
        "org": principal.tenant.organization_id,
        "livemode": "true" if principal.tenant.livemode else "false",
        "scopes": " ".join(sorted(principal.scopes)),
        "key_id": principal.key_id,
    }


def _rate(limiter: RateLimiter, caller: Caller, event: Mapping[str, Any]) -> dict[str, str]:
    group = group_of(event["httpMethod"], event["path"])
    limit = caller.organization.rate_limit(group)
    standing = limiter.ask(caller.principal.key_id, group, limit)
    if standing is None:
        logger().warning("the rate limits do not answer", extra={"group": group.value})
        return {"rate_limit": str(limit.burst)}
    return _standing(standing)


def _credits(credits: CreditService, caller: Caller) -> dict[str, str]:
    """Only told here; whoever begins a call asks again."""
    standing = credits.told(caller.organization)
    if standing is None:
        return {}
    return {"credits_used": f"{standing.used_s:.3f}", "credits_remaining": f"{standing.remaining_s:.3f}"}


def _standing(standing: Standing) -> dict[str, str]:
    told = {"rate_limit": standing.limit, "rate_remaining": standing.remaining, "rate_reset": standing.reset_s}
    if standing.retry_after_s is not None:
        told["retry_after"] = standing.retry_after_s
    return {name: str(value) for name, value in told.items()}


def _allow(method_arn: str, context: Mapping[str, str]) -> dict[str, Any]:
    """For the whole stage: a gateway may keep the answer for other methods, and scopes are the function's business."""
    api, stage, _ = method_arn.split("/", 2)
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": context.get("key_id", "refused"),
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": dict(context),
    }
