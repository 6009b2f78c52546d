"""What SIPp is to do, one step after the other. It fills what stands in brackets.

The user part of every call's address is the first field of the injection file, a line for each call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from xml.sax.saxutils import quoteattr

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
_LINE_END = "\n"
_TARGET = "sip:[field0]@[remote_ip]:[remote_port]"
_INVITES_BRANCH = "[last_Via:]"
"""The ACK of a refusal is part of the transaction that it ends, so it has that one's branch."""


@dataclass
class Scenario:
    """Numbers its requests itself: `CSeq` is the dialog's, and an ACK has its INVITE's."""

    name: str
    plays: bool = False
    """Whether SIPp opens a port of its own for each call, to play into; otherwise all calls name the same one."""

    _steps: list[str] = field(default_factory=list)
    _cseq: int = 0
    _invite: int = 0
    _version: int = 0
    _called: bool = False
    """Whether the other side is known: its tag and its contact go into what follows."""

    def invite(
        self,
        direction: Direction = "sendrecv",
        headers: Iterable[str] = (),
        *,
        authenticated: bool = False,
        again: bool = True,
    ) -> Scenario:
        """`again` False: sent once, and not repeated when no answer comes."""
        self._version += 1
        self._cseq += 1
        self._invite = self._cseq
        added = [*headers, *(["[authentication]"] if authenticated else []), "Content-Type: application/sdp"]
        return self._send("INVITE", added, self._sdp(direction), again=again)

    def request(self, method: str, headers: Iterable[str] = (), *, authenticated: bool = False) -> Scenario:
        self._cseq += 1
        return self._send(method, [*headers, *(["[authentication]"] if authenticated else [])], "", again=True)

    def bye(self) -> Scenario:
        return self.request("BYE")

    def cancel(self) -> Scenario:
        """Of the INVITE that was the step before."""
        return self._send("CANCEL", [], "", again=True, branch="[branch-1]")

    def ack(self) -> Scenario:
        return self._send("ACK", [], "", again=False)

    def ack_of_refusal(self) -> Scenario:
        return self._send("ACK", [], "", again=False, via=_INVITES_BRANCH)

    def expect(self, *status: int, to: str = "INVITE", body: str = "", header: str = "") -> Scenario:
        """The last of these; the others may come before it. `body` and `header` ("Name: pattern") are searched."""
        *maybe, wanted = status
        for code in maybe:
            self._steps.append(f'<recv response="{code}" optional="true"/>')
        checks = [_found(f"{to}$", 'search_in="hdr" header="CSeq:"')]
        if body:
            checks.append(_found(body, 'search_in="body"'))
        if header:
            name, _, pattern = header.partition(": ")
            checks.append(_found(pattern, f'search_in="hdr" header="{name}:"'))
        accepted = 'rrs="true"' if (wanted, to) == (200, "INVITE") else ""
        auth = ' auth="true"' if wanted in (401, 407) else ""
        actions = f"<action>{''.join(checks)}</action>"
        self._steps.append(f'<recv response="{wanted}" {accepted}{auth}>{actions}</recv>')
        self._called = self._called or bool(accepted)
        return self

    def answer(self, method: str) -> Scenario:
        """Wait until the other side asks for this, and say yes."""
        self._steps.append(f'<recv request="{method}"/>')
        copied = ["[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]"]
        lines = ["SIP/2.0 200 OK", *copied, "Content-Length: 0", "", ""]
        self._steps.append(f"<send><![CDATA[\n{_LINE_END.join(lines)}\n]]></send>")
        return self

    def play(self, file: str, times: int = 1) -> Scenario:
        """Raw mu-law from SIPp's folder, 20 ms at a time; -1 times: without end."""
        assert self.plays, "without a port of its own nothing is played"
        self._steps.append(f'<nop><action><exec rtp_stream="{file},{times},0,PCMU/8000"/></action></nop>')
        return self

    def pause(self, milliseconds: int) -> Scenario:
        self._steps.append(f'<pause milliseconds="{milliseconds}"/>')
        return self

    @property
    def xml(self) -> str:
        # A variable that is written and never read is a mistake to SIPp, unless it is named here.
        steps = "\n".join([*self._steps, *(['<Reference variables="1"/>'] if self._checks else [])])
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{self.name}">\n{steps}\n</scenario>\n'

    @property
    def _checks(self) -> bool:
        return any("<ereg" in step for step in self._steps)

    def _send(
        self, method: str, headers: list[str], body: str, *, again: bool, branch: str = "[branch]",
        via: str = "",
    ) -> Scenario:  # fmt: skip
        number = self._invite if method in ("ACK", "CANCEL") else self._cseq
        lines = [
            f"{method} {'[next_url]' if self._called else _TARGET} SIP/2.0",
            via or f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}",
            "Max-Forwards: 70",
            "From: <sip:caller@[local_ip]:[local_port]>;tag=[pid]-[call_number]",
            f"To: <{_TARGET}>{self._to_tag(method, via)}",
            "Call-ID: [call_id]",
            f"CSeq: {number} {method}",
            "Contact: <sip:caller@[local_ip]:[local_port];transport=[transport]>",
            *headers,
            "Content-Length: [len]",
            "",
            body,
        ]
        repeated = ' retrans="500"' if again else ""
        self._steps.append(f"<send{repeated}><![CDATA[\n{_LINE_END.join(lines)}\n]]></send>")
        return self

    def _to_tag(self, method: str, via: str) -> str:
        return "[peer_tag_param]" if self._called or (method == "ACK" and via) else ""

    def _sdp(self, direction: Direction) -> str:
        port = "[rtpstream_audio_port]" if self.plays else "[media_port]"
        return _LINE_END.join(
            [
                "v=0",
                f"o=caller 1 {self._version} IN IP[local_ip_type] [local_ip]",
                "s=-",
                "c=IN IP[media_ip_type] [media_ip]",
                "t=0 0",
                f"m=audio {port} RTP/AVP 0 101",
                "a=rtpmap:0 PCMU/8000",
                "a=rtpmap:101 telephone-event/8000",
                f"a={direction}",
            ]
        )


def _found(pattern: str, where: str) -> str:
    return f'<ereg regexp={quoteattr(pattern)} {where} check_it="true" assign_to="1"/>'
