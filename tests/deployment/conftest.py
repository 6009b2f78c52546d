"""A stack of its own: it is changed, broken and taken away."""

from tests.integration.conftest import api, carrier_server, question, stack, store

__all__ = ["api", "carrier_server", "question", "stack", "store"]
