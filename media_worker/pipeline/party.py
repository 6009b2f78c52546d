"""Who takes part in a session: each participant that was named when it was made, or the two sides of the call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.domain.agents import language_of, spec_of
from core.domain.sessions import Mode, Role, Session


@dataclass(slots=True, eq=False)
class Party:
    """One speaker and listener; each is itself only, so that it costs nothing to look it up for every frame.

    `language` None is to be detected: its lane sets it by what the party says (`detection`), nobody else does, and
    `detected` says that it is such a party. `id` is the participant's, where it was given one. `leads`: the first with
    its role, and so the one who is meant by the role alone. `line` numbers them.
    """

    role: Role
    language: str | None
    id: str | None = None
    leads: bool = True
    line: int = 0
    detected: bool = False

    def __post_init__(self) -> None:
        self.detected = self.language is None


class Cast:
    """Everybody of one session, in the order in which they were named. Each role has at least one.

    `machine` is the party whose place an agent of ours has, until it leaves it to a human.
    """

    def __init__(self, session: Session) -> None:
        self._mode = session.mode
        spec = None if session.agent_left_at else spec_of(session)
        self._first: dict[Role, Party] = {}
        self._parties: list[Party] = []
        for one in session.participants:
            leads = one.type not in self._first
            self._add(Party(one.type, one.language, one.id, leads=leads, line=len(self._parties)))
        for role in Role:
            if role not in self._first:
                self._add(Party(role, session.language_of(role), line=len(self._parties)))
        self.machine = self._first[Role.AGENT] if spec else None
        if spec and self.machine:
            self.machine.language = language_of(spec, session)

    def hand_over(self, language: str | None) -> None:
        """The machine leaves its place to a human who speaks `language`."""
        if self.machine is not None:
            self.machine.language, self.machine = language, None

    def _add(self, party: Party) -> None:
        self._parties.append(party)
        self._first.setdefault(party.role, party)

    def __iter__(self) -> Iterator[Party]:
        return iter(self._parties)

    def side(self, role: Role) -> Party:
        """Who is meant by a role alone: the first one named with it."""
        return self._first[role]

    def named(self, name: str) -> Party | None:
        """By a participant's id, or by a role."""
        for party in self._parties:
            if party.id == name:
                return party
        return self._first[Role(name)] if name in tuple(Role) else None

    def others(self, speaker: Party) -> tuple[Party, ...]:
        """All but `speaker`, those of the other role first: what is translated for them is *the* translation."""
        across = self.side(speaker.role.other)
        return (across, *(party for party in self._parties if party is not speaker and party is not across))

    @property
    def translates(self) -> bool:
        """Whether anything is translated at all."""
        return self._differ()

    def _differ(self) -> bool:
        """Languages that are not known yet may turn out to."""
        languages = {party.language for party in self._parties}
        return len(languages) > 1 or None in languages

    def is_translated(self, speaker: Party, listener: Party) -> bool:
        """Whether what `speaker` says is turned into the language of `listener`, to be read or heard.

        Not before both languages are known: until then they hear each other as they are.
        """
        known = speaker.language is not None and listener.language is not None
        return known and speaker.language != listener.language

    def hears_translation(self, speaker: Party, listener: Party) -> bool:
        """In assistive mode the agent reads; elsewhere each party hears the others translated. A machine does not hear,
        and nobody speaks in its place."""
        if not self.is_translated(speaker, listener) or self.machine in (speaker, listener):
            return False
        return not (self._mode is Mode.ASSISTIVE_TRANSLATION and listener.role is Role.AGENT)

    def hears_original(self, speaker: Party, listener: Party) -> bool:
        """The other's own voice: the agent in assistive mode, and everybody who speaks the same language."""
        return self.machine not in (speaker, listener) and not self.hears_translation(speaker, listener)
