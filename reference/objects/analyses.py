"""Analyses: a place in the contract that nothing fills yet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reference.objects.base import Shown
from reference.objects.sessions import SessionId


class Analysis(Shown):
    """Reserved."""

    id: Annotated[str, Field(pattern="^anl_")]
    object: Literal["analysis"]
    session_id: SessionId
