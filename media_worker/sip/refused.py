"""An invitation that is not taken."""

from __future__ import annotations


class Refused(Exception):
    """`late`: the answer waits, so that its time tells nothing."""

    def __init__(self, code: int, *fields: tuple[str, str], late: bool = False) -> None:
        super().__init__(str(code))
        self.code = code
        self.fields = fields
        self.late = late
