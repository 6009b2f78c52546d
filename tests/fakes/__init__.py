"""In-memory implementations of the ports; `tests/contract/stores` holds them to the same suite as the real adapters."""
