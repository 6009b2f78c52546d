"""The peer of the REST function: the same create on FastAPI and Mangum, with the same models, services and stores.

Runs in an environment of its own and prints CPU microseconds a request as JSON. The body is read by the strict model
itself, once, as ours is: FastAPI's own reading of it takes no strict models. What ours does besides, errors by the
contract, logs, metrics and scopes, is not here.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import boto3
from fastapi import FastAPI, Request, Response
from mangum import Mangum

from core.domain.access import Tenant
from lambdas.rest.requests import new_session
from lambdas.rest.schemas import CreateSession

TENANT = Tenant("org_acme", livemode=True)


def application(services: Any) -> FastAPI:
    app = FastAPI()

    @app.post("/v1/sessions")
    async def create(request: Request) -> Response:
        asked = CreateSession.model_validate_json(await request.body())
        organization = services.organizations.of(TENANT)
        targets = services.webhooks.targets
        new = new_session(asked, TENANT, organization.defaults, services.engines, services.routing, targets)
        made = services.creation.create(TENANT, organization, new, None)
        return Response(json.dumps(made.body), made.status, media_type="application/json")

    @app.get("/v1/sessions/{session_id}")
    async def get(session_id: str) -> Response:
        return Response(json.dumps(services.sessions.get(TENANT, session_id)), media_type="application/json")

    return app


def clients() -> list[Any]:
    """What a function of this kind has."""
    return [boto3.client(name) for name in ("dynamodb", "sqs", "secretsmanager")]


def main() -> int:
    # Only where requests are measured: what a cold start imports is above.
    from bench.rest_work import measured  # noqa: PLC0415
    from tests.fakes.rest import RestWorld  # noqa: PLC0415

    services = RestWorld().application._services
    handler = Mangum(application(services), lifespan="off")
    json.dump(measured(lambda event: handler(event, None), services), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
