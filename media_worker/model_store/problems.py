"""What can be wrong with models, as one sentence that ends with what to do about it."""

from __future__ import annotations


class ModelsProblem(Exception):
    """A model is missing, damaged or not to be had. The message is for the operator; it names no token and no link."""
