from __future__ import annotations

import json
import re
from typing import Any

from core import errors
from lambdas.rest.app import ROUTES as SERVED
from lambdas.rest.errors import TABLE
from lambdas.telephony.routes import ROUTES as CARRIERS
from reference.codes import CODES
from stacks.api import ROUTES
from stacks.carriers import PATHS
from stacks.refusals import REFUSALS
from tests.infrastructure.assembly import Assembly, text


def test_the_gateway_and_the_function_have_one_table_of_routes() -> None:
    served = {(route.method, re.sub("<[a-z_]+>", "{}", route.path), route.scope) for route in SERVED}
    assert {(route.method, re.sub("{[a-z_]+}", "{}", route.path), route.scope) for route in ROUTES} == served


def test_every_route_with_a_scope_is_deployed_behind_the_authorizer(deployment: Assembly) -> None:
    authorizer = deployment.only("AWS::ApiGateway::Authorizer")
    asked = {(route.method, route.path): route.scope for route in ROUTES}
    for (method, path), properties in methods(deployment).items():
        if asked.get((method, path)):
            assert properties["AuthorizationType"] == "CUSTOM"
            assert properties["AuthorizerId"] == {"Ref": authorizer.id}
        else:
            assert properties["AuthorizationType"] == "NONE"


def test_every_route_ends_in_the_rest_function_but_those_of_the_carriers(deployment: Assembly) -> None:
    rest, carriers = deployment.function("rest.app"), deployment.function("telephony.webhooks")
    for (_, path), properties in methods(deployment).items():
        function = carriers if path in PATHS else rest
        assert properties["Integration"]["Type"] == "AWS_PROXY"
        assert f"<{function.id}.Arn>" in text(properties["Integration"]["Uri"])


def test_carriers_have_one_table_of_routes_too() -> None:
    assert {("POST", path) for path in PATHS} == {(route.method, route.path) for route in CARRIERS}
    assert all(route.scope is None and route.signature for route in CARRIERS)


def test_routes_without_an_api_key_are_few_and_known() -> None:
    """Adding one here is a decision: what it answers, anybody may read, and it must see for itself who calls."""
    assert {f"{route.method} {route.path}" for route in ROUTES if route.scope is None} == {
        "GET /v1/openapi.json",
        "GET /v1/asyncapi.json",
        "GET /v1/docs",
        "GET /v1/docs/{page}",
    }


def test_paths_are_the_documented_ones(deployment: Assembly) -> None:
    routed = {(route.method, route.path) for route in ROUTES} | {("POST", path) for path in PATHS}
    assert methods(deployment).keys() == routed | {("ANY", path) for _, path in routed}


def methods(deployment: Assembly) -> dict[tuple[str, str], dict[str, Any]]:
    """Method and path → what is deployed there."""
    resources = {resource.id: resource.properties for resource in deployment.resources("AWS::ApiGateway::Resource")}

    def path(reference: dict[str, str]) -> str:
        if "Ref" not in reference:
            return ""
        properties = resources[reference["Ref"]]
        return f"{path(properties['ParentId'])}/{properties['PathPart']}"

    found = deployment.resources("AWS::ApiGateway::Method")
    return {(each.properties["HttpMethod"], path(each.properties["ResourceId"])): each.properties for each in found}


def test_the_authorizer_is_asked_every_time_because_a_key_comes_in_one_of_two_headers(deployment: Assembly) -> None:
    authorizer = deployment.only("AWS::ApiGateway::Authorizer").properties
    assert authorizer["Type"] == "REQUEST"
    assert authorizer["AuthorizerResultTtlInSeconds"] == 0
    assert not authorizer.get("IdentitySource")


def test_every_case_in_which_the_gateway_refuses_by_itself_is_worded(deployment: Assembly) -> None:
    worded = {found.properties["ResponseType"] for found in deployment.resources("AWS::ApiGateway::GatewayResponse")}
    assert worded == {refusal.kind for refusal in REFUSALS}
    assert worded >= {"DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN", "REQUEST_TOO_LARGE", "THROTTLED"}


def test_a_refusal_of_the_gateway_wears_the_envelope_of_the_contract(deployment: Assembly) -> None:
    for response in deployment.resources("AWS::ApiGateway::GatewayResponse"):
        properties = response.properties
        envelope = json.loads(text(properties["ResponseTemplates"]["application/json"]))
        assert envelope.keys() == {"error"}
        error = envelope["error"]
        assert list(error) == ["type", "code", "message", "param", "request_id", "doc_url", "retry_after"]
        assert error["doc_url"].endswith(f"/v1/docs/errors#{error['code']}")
        assert error["code"] in CODES
        headers = properties["ResponseParameters"]
        assert headers["gatewayresponse.header.X-Request-ID"] == "context.requestId"
        assert ("gatewayresponse.header.Retry-After" in headers) == (error["retry_after"] is not None)


def test_status_and_type_go_together_as_they_do_in_the_function() -> None:
    in_the_function = {(500, "api_error"), *TABLE.values()}
    assert {(refusal.status, refusal.type) for refusal in REFUSALS} <= in_the_function
    throttled = next(refusal for refusal in REFUSALS if refusal.kind == "THROTTLED")
    assert (throttled.status, throttled.type) == TABLE[errors.RateLimited]


def test_the_access_log_holds_neither_keys_nor_tokens(deployment: Assembly) -> None:
    formats = [
        deployment.only("AWS::ApiGateway::Stage").properties["AccessLogSetting"]["Format"],
        deployment.only("AWS::ApiGatewayV2::Stage").properties["AccessLogSettings"]["Format"],
    ]
    for written in formats:
        variables = set(re.findall(r"\$context\.([\w.]+)", written))
        assert variables
        assert not {name for name in variables if re.search("header|query|token|key_id|apiKey|body", name, re.I)}


def test_no_request_or_answer_is_logged_in_full(deployment: Assembly) -> None:
    (every,) = deployment.only("AWS::ApiGateway::Stage").properties["MethodSettings"]
    assert every["DataTraceEnabled"] is False
    assert every["ThrottlingRateLimit"] > 0
