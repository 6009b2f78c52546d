"""A stack of its own: what an attack leaves behind, sessions and deliveries, would make other tests wait."""

from tests.integration.conftest import carrier_server, stack, store

__all__ = ["carrier_server", "stack", "store"]
