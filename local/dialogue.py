"""What `make demo` plays: an English-speaking customer, a Spanish-speaking agent, a narrow domain."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = {"customer": "en", "agent": "es"}


@dataclass(frozen=True, slots=True)
class Line:
    """`typed` lines go in as text.input: an agent who writes instead of speaking."""

    speaker: str
    text: str
    typed: bool = False

    @property
    def language(self) -> str:
        return LANGUAGES[self.speaker]

    @property
    def listener(self) -> str:
        return "agent" if self.speaker == "customer" else "customer"


DIALOGUE = (
    Line("agent", "Buenos días, gracias por llamar."),
    Line("customer", "Hello, I have a question about my order."),
    Line("agent", "¿Cuál es su número de pedido?", typed=True),
    Line("customer", "My order number is four seven two nine."),
    Line("agent", "Su pedido llegará mañana por la tarde."),
    Line("customer", "Thank you very much for your help."),
)
