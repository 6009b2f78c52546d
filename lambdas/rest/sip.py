"""/v1/sip and /v1/sip_credentials: who may call sessions without a carrier, and by which trunk calls go out."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.services.sip_settings import UNCHANGED, NewTrunk, SipChange
from lambdas.rest.body import read_body
from lambdas.rest.call import Call, answer_response, json_response
from lambdas.rest.paging import page_of, paged_response
from lambdas.rest.queries import PageQuery
from lambdas.rest.route import Route
from lambdas.rest.schemas import Nothing
from lambdas.rest.sip_schemas import CreateSipCredential, TrunkIn, UpdateSip
from lambdas.rest.validation import validated, validated_query

_PATH = "/v1/sip"
_CREDENTIALS = "/v1/sip_credentials"


def get(call: Call) -> Response[str]:
    """How telephone systems call the sessions of this environment, and who of them may. Without a credential and
    without an allowed network the session's id is enough; with credentials a password is asked for, with networks the
    call must come from one of them, with both it takes both."""
    return json_response(call.services.sip.settings.get(call.tenant))


def update(call: Call) -> Response[str]:
    """What is left out stays, and null takes away. Calls that run go on, and a new limit counts the calls that begin
    from then on. The trunk is replaced as a whole, but for a password that is left out."""
    asked = validated(UpdateSip, read_body(call.event).raw)
    given = asked.model_fields_set
    change = SipChange(
        networks=(asked.allowed_networks or []) if "allowed_networks" in given else UNCHANGED,
        max_calls=asked.max_calls if "max_calls" in given else UNCHANGED,
        trunk=_trunk(asked.trunk) if "trunk" in given else UNCHANGED,
    )
    return json_response(call.services.sip.settings.change(call.tenant, change))


def create(call: Call) -> Response[str]:
    """From now on calls must show a password of one of the credentials (digest, SHA-256 or MD5). `password` is this
    one's: keep it, no other answer shows it. A repeat with the same `Idempotency-Key` does so within 24 hours. There
    may be 20 credentials."""
    asked, key = call.asked(CreateSipCredential, optional=True)
    return answer_response(call.services.sip.credentials.create(call.tenant, asked.username, key))


def list_all(call: Call) -> Response[str]:
    """The credentials of this environment, the newest first."""
    page = page_of(validated_query(PageQuery, call.event))
    return paged_response(call.services.sip.credentials.page(call.tenant, page), _CREDENTIALS)


def get_credential(call: Call, credential_id: str) -> Response[str]:
    """A credential without its password, which nobody has but whoever created or rotated it."""
    return json_response(call.services.sip.credentials.get(call.tenant, credential_id))


def delete(call: Call, credential_id: str) -> Response[str]:
    """No new call is let in by its password; calls that run go on. Without the last one, no password is asked for."""
    return json_response(call.services.sip.credentials.remove(call.tenant, credential_id))


def rotate(call: Call, credential_id: str) -> Response[str]:
    """A new `password`, shown in this answer only. The one before it is good too until `previous_password_until`, a day
    from now; rotating twice in that time ends the oldest at once."""
    _, key = call.asked(Nothing, optional=True)
    return answer_response(call.services.sip.credentials.rotate(call.tenant, credential_id, key))


def _trunk(given: TrunkIn | None) -> NewTrunk | None:
    if given is None:
        return None
    return NewTrunk(given.uri, given.transport, given.username, given.password, given.from_uri)


_TAG = "SIP"
_NOT_FOUND = ("sip_credential_not_found",)
ROUTES = (
    Route(*("GET", _PATH, Scope.KEYS_MANAGE, get), tag=_TAG, summary="Retrieve the settings for SIP", answer="Sip"),
    Route(
        *("PATCH", _PATH, Scope.KEYS_MANAGE, update),
        tag=_TAG,
        summary="Change the settings for SIP",
        body=UpdateSip,
        answer="Sip",
        errors=("sip_settings_busy",),
    ),
    Route(
        *("POST", _CREDENTIALS, Scope.KEYS_MANAGE, create),
        tag=_TAG,
        summary="Create a SIP credential",
        body=CreateSipCredential,
        body_optional=True,
        status=201,
        answer="NewSipCredential",
        idempotent=True,
        errors=("sip_username_taken", "sip_credential_limit_reached", "sip_settings_busy"),
    ),
    Route(
        *("GET", _CREDENTIALS, Scope.KEYS_MANAGE, list_all),
        tag=_TAG,
        summary="List SIP credentials",
        query=PageQuery,
        answer="SipCredentialList",
        errors=_NOT_FOUND,
    ),
    Route(
        *("GET", f"{_CREDENTIALS}/<credential_id>", Scope.KEYS_MANAGE, get_credential),
        tag=_TAG,
        summary="Retrieve a SIP credential",
        answer="SipCredential",
        errors=_NOT_FOUND,
    ),
    Route(
        *("DELETE", f"{_CREDENTIALS}/<credential_id>", Scope.KEYS_MANAGE, delete),
        tag=_TAG,
        summary="Delete a SIP credential",
        answer="DeletedSipCredential",
        errors=(*_NOT_FOUND, "sip_settings_busy"),
    ),
    Route(
        *("POST", f"{_CREDENTIALS}/<credential_id>/rotate", Scope.KEYS_MANAGE, rotate),
        tag=_TAG,
        summary="Rotate a SIP credential's password",
        body=Nothing,
        body_optional=True,
        answer="NewSipCredential",
        idempotent=True,
        errors=(*_NOT_FOUND, "sip_settings_busy"),
    ),
)
