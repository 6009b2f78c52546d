"""REQUEST authorizer: reads the API key and says who is calling, or why not.

It always allows. A refusal travels in the context (`refusal`), so that the answer wears the error envelope and its
code; the REST function lets nobody pass without `org`. An error here is an answer 500 of the gateway.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.access import Principal, Refusal
from core.services.access import AccessService
from lambdas.runtime import wiring
from lambdas.runtime.credentials import AmbiguousCredentials, credential
from lambdas.runtime.telemetry import logger


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return answer(wiring.authorizer(), event)


def answer(access: AccessService, event: Mapping[str, Any]) -> dict[str, Any]:
    try:
        caller = access.authenticate(credential(event))
    except AmbiguousCredentials:
        caller = Refusal.UNKNOWN
    context = _context_of(caller)
    logger().info("authorized" if isinstance(caller, Principal) else "refused", extra=context)
    return _allow(event["methodArn"], context)


def _context_of(caller: Principal | Refusal) -> dict[str, str]:
    if isinstance(caller, Refusal):
        return {"refusal": caller.value}
    return {
        "org": caller.tenant.organization_id,
        "livemode": "true" if caller.tenant.livemode else "false",
        "scopes": " ".join(sorted(caller.scopes)),
        "key_id": caller.key_id,
    }


def _allow(method_arn: str, context: Mapping[str, str]) -> dict[str, Any]:
    """For the whole stage: a gateway may keep the answer for other methods, and scopes are the function's business."""
    api, stage, _ = method_arn.split("/", 2)
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": context.get("key_id", "refused"),
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": dict(context),
    }
