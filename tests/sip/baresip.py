"""baresip without sound hardware: it plays a file into its call, and keeps what it hears in another."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from kallglot import audio
from tests.sip.processes import ToolFailed, running, tail

_MODULES = ("g711", "sndfile", "aufile", "aubridge")
_LONGEST_CALL_S = 60
_LOOK_S = 0.05
# A player that plays nowhere: another end of the bridge by that name does not exist.
_CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
call_local_timeout 30
call_max_calls 1
audio_source aufile,{source}
audio_player aubridge,nobody
audio_alert aubridge,nobody
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
jitter_buffer_delay 2-10
rtp_stats yes
ringback_disabled yes
snd_path {folder}
module_path {modules}
{loaded}
module_tmp account.so
module_app menu.so
"""
_MODULE_FOLDERS = (Path("/usr/lib/baresip/modules"), Path("/usr/lib64/baresip/modules"))


@dataclass(frozen=True, slots=True)
class Baresip:
    """A telephone in a call. It hangs up when the block is left, or when what it plays is over."""

    folder: Path
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    async def until(self, words: str, patience_s: float) -> None:
        """Raises ToolFailed when it does not say so in time."""
        try:
            async with asyncio.timeout(patience_s):
                while words not in self.said:
                    await asyncio.sleep(_LOOK_S)  # polls what a program of others writes
        except TimeoutError:
            raise ToolFailed(f"baresip did not say {words!r} in {patience_s:.0f} s{tail(self.log)}") from None

    def heard(self) -> array[int]:
        """Everything it was sent, at 8 kHz. Complete once the telephone is off."""
        return audio.read_wav(_only(self.folder, "dec"))

    def spoken(self) -> array[int]:
        return audio.read_wav(_only(self.folder, "enc"))


@asynccontextmanager
async def calling(
    folder: Path,
    target: str,
    says: array[int],
    *,
    credentials: tuple[str, str] | None = None,
    transport: str = "udp",
    patience_s: float = 15.0,
) -> AsyncIterator[Baresip]:
    """Dials a SIP URI; yielded when the call is answered. `says` is played from then on, at 8 kHz."""
    folder.mkdir()
    audio.write_wav(folder / "source.wav", says)
    modules = next(path for path in _MODULE_FOLDERS if path.is_dir())
    loaded = "\n".join(f"module {name}.so" for name in _MODULES)
    (folder / "config").write_text(
        _CONFIG.format(source=folder / "source.wav", folder=folder, modules=modules, loaded=loaded)
    )
    login = f";auth_user={credentials[0]};auth_pass={credentials[1]}" if credentials else ""
    account = f"<sip:caller@127.0.0.1;transport={transport}>;regint=0;audio_codecs=PCMU/8000/1{login}\n"
    (folder / "accounts").write_text(account)
    (folder / "contacts").touch()
    command = ["baresip", "-4", "-f", str(folder), "-t", str(_LONGEST_CALL_S), "-e", f"/dial {target}"]
    telephone = Baresip(folder, folder / "baresip.log")
    async with running(command, folder, telephone.log):
        await telephone.until("Call established", patience_s)
        yield telephone


def _only(folder: Path, side: str) -> Path:
    found = list(folder.glob(f"dump-*-{side}.wav"))
    if len(found) != 1:
        raise ToolFailed(f"baresip kept {len(found)} files of its {side}oder{tail(folder / 'baresip.log')}")
    return found[0]
