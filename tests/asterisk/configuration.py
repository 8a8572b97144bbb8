"""The configuration of a private Asterisk, written into a folder of its own."""

from __future__ import annotations

import shutil
import string
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from bench.waveform import write_wav
from tests.asterisk import root as root_file_system

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.waveform import Samples

Profile: TypeAlias = Literal["plain", "mikopbx"]

# What callers on hold hear, so that a recording tells hold from ringing and from silence.
HOLD_MUSIC_HZ: Final = 620

_TEMPLATES: Final = Path(__file__).parent / "etc"

# Modules refuse to load without a file of their own, even an empty one.
_EMPTY: Final = (
    "acl", "ccss", "cdr", "cel", "codecs", "confbridge", "manager", "queues", "sorcery", "stasis",
    "udptl",
)  # fmt: skip

_PHONE: Final = (
    "[{0}](phone)\nauth={0}\naors={0}\ncallerid=Phone {0} <{0}>\n"
    "[{0}](line)\nusername={0}\npassword=pw{0}\n[{0}](contact)\n"
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A TLS certificate and its key, both PEM."""

    chain: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an instance is to be; the arguments of ``AsteriskServer`` say what they mean."""

    profile: Profile
    ari: bool
    certificate: Certificate | None
    phones: Sequence[str]
    rtp_ports: range
    real_time: bool
    http_port: int
    https_port: int
    sip_port: int

    def write(self, folder: Path, root: Path) -> None:
        """Write everything into ``folder`` for the Asterisk in the file system ``root``."""
        for name in ("etc", "lib", "log", "moh", "run", "spool"):
            (folder / name).mkdir()
        etc, values = folder / "etc", self._values(root)
        for source in _TEMPLATES.glob("*.conf"):
            if not source.name.startswith("modules."):
                text = _Template(source.read_text()).safe_substitute(values)
                (etc / source.name).write_text(text)
        with (etc / "pjsip.conf").open("a") as file:
            file.writelines(_PHONE.format(number) for number in self.phones)
        shutil.copy(_TEMPLATES / f"modules.{self.profile}.conf", etc / "modules.conf")
        for name in _EMPTY:
            (etc / f"{name}.conf").touch()
        if self.certificate is not None:
            (etc / "certificate.pem").write_bytes(self.certificate.chain)
            (etc / "key.pem").write_bytes(self.certificate.key)
        write_wav(folder / "moh" / "music.wav", 8000, _music())

    def _values(self, root: Path) -> dict[str, object]:
        return {
            "instance": root_file_system.INSTANCE,
            "triplet": next(root.glob("usr/lib/*/asterisk/modules")).parent.parent.name,
            "http_port": self.http_port,
            "https_port": self.https_port,
            "sip_port": self.sip_port,
            "rtp_start": self.rtp_ports[0],
            "rtp_end": self.rtp_ports[-1],
            "ari": _yes(on=self.ari),
            "real_time": _yes(on=self.real_time),
            "tls": _yes(on=self.certificate is not None),
        }


class _Template(string.Template):
    # "$" belongs to the dialplan
    delimiter = "@"


def _yes(*, on: bool) -> str:
    return "yes" if on else "no"


def _music() -> Samples:
    seconds = np.arange(4 * 8000) / 8000
    return (3000 * np.sin(2 * np.pi * HOLD_MUSIC_HZ * seconds)).astype(np.int16)
