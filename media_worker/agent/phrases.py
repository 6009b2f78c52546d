"""The few sentences that an agent says on our behalf and not on its model's."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Phrase(StrEnum):
    FAILED = "failed"
    TRANSFER = "transfer"
    LIMIT = "limit"
    PRIVATE = "private"


_ENGLISH = MappingProxyType(
    {
        Phrase.FAILED: "I am sorry, I cannot answer that just now.",
        Phrase.TRANSFER: "One moment, I am connecting you with a colleague.",
        Phrase.LIMIT: "I have to end our conversation here. Thank you for your call.",
        Phrase.PRIVATE: "I cannot talk about that. What else can I do for you?",
    }
)
_BY_LANGUAGE: Mapping[str, Mapping[Phrase, str]] = MappingProxyType(
    {
        "de": {
            Phrase.FAILED: "Es tut mir leid, das kann ich gerade nicht beantworten.",
            Phrase.TRANSFER: "Einen Moment bitte, ich verbinde Sie mit einem Mitarbeiter.",
            Phrase.LIMIT: "Ich muss unser Gespräch hier beenden. Vielen Dank für Ihren Anruf.",
            Phrase.PRIVATE: "Darüber kann ich nicht sprechen. Was kann ich sonst für Sie tun?",
        },
        "en": _ENGLISH,
        "es": {
            Phrase.FAILED: "Lo siento, ahora mismo no puedo responder a eso.",
            Phrase.TRANSFER: "Un momento, le paso con un compañero.",
            Phrase.LIMIT: "Tengo que terminar aquí nuestra conversación. Gracias por su llamada.",
            Phrase.PRIVATE: "No puedo hablar de eso. ¿En qué más puedo ayudarle?",
        },
        "fr": {
            Phrase.FAILED: "Je suis désolé, je ne peux pas répondre à cela pour le moment.",
            Phrase.TRANSFER: "Un instant, je vous passe un collègue.",
            Phrase.LIMIT: "Je dois terminer notre conversation ici. Merci de votre appel.",
            Phrase.PRIVATE: "Je ne peux pas en parler. Que puis-je faire d'autre pour vous ?",
        },
    }
)


def phrase(which: Phrase, language: str) -> str:
    """In English where nobody has written it in that language yet."""
    return _BY_LANGUAGE.get(language, _ENGLISH)[which]
