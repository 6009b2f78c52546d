"""What a session calls things: its own terms, then its organization's, then what its metadata names."""

from __future__ import annotations

from dataclasses import replace

from core.domain.sessions import Session
from core.domain.terminology import Terminology, likely_of
from media_worker.engines.termed_engines import TermedEngines
from media_worker.engines.vocabulary import Vocabulary
from media_worker.pipeline.equipment import Equipment


def terms_of(session: Session, organizations: Terminology) -> Terminology:
    return session.terminology.over(organizations).over(Terminology(likely=likely_of(session.metadata)))


def with_terms(equipment: Equipment, terms: Terminology) -> Equipment:
    """The equipment of one conversation. Without terms it is everybody's."""
    if terms == Terminology():
        return equipment
    vocabulary = Vocabulary(terms)
    return replace(equipment, vocabulary=vocabulary, engines=TermedEngines(equipment.engines, vocabulary))
