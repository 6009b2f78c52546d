"""Every route of the API, whichever function answers it."""

from __future__ import annotations

from lambdas.rest.app import ROUTES as REST
from lambdas.rest.route import Route
from lambdas.telephony.routes import ROUTES as CARRIERS

ROUTES: tuple[Route, ...] = (*REST, *CARRIERS)
