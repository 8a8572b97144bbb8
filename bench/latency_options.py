"""The command line of the latency benchmark."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from bench.latency_cloud import Cloud
from bench.latency_errors import UsageError
from bench.phone import A_LAW, MU_LAW, WIDEBAND, Account

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Codec(NamedTuple):
    """What ``--codec`` means: the codecs a phone offers, and Asterisk's name for the format."""

    offered: tuple[str, ...]
    name: str
    wideband: bool = False


CODECS = {
    "g722": Codec(WIDEBAND + MU_LAW, "g722", wideband=True),
    "ulaw": Codec(MU_LAW, "ulaw"),
    "alaw": Codec(A_LAW, "alaw"),
}

_SWITCH: dict[str, Any] = {"action": "store_const", "const": True}
_SIP = re.compile(r"^(?P<user>[^:@]+)(:(?P<password>.*))?@(?P<domain>[^@]+)$")

DESCRIPTION = """\
Measure what a caller waits for a voice bot, from the recordings of a phone.
It places calls, speaks, listens, and knows nothing of the bot."""

EXAMPLES = """\
examples:
  python -m bench.latency --local
      everything on this machine: private Asterisk, voicebot receptionist, real phone
  python -m bench.latency --sip 201:secret@192.168.1.2 --dial 2200100 --say question.wav --calls 20
      your own PBX and bot, your own recording
  python -m bench.latency --ari http://pbx:8088/asterisk --ari-user bot --dial bot@internal
      without a phone account: a Local channel, its audio through externalMedia
  python -m bench.latency --local --calibrate
      how exact the figures are
  python -m bench.latency --local --cloud 300
      the receptionist with models in a simulated cloud: 300 ms to the first token

exit codes: 0 measured; 2 usage; 3 PBX or bot unreachable; 4 worse than --max-p50 or --max-p95"""


# An option that would change nothing is refused: without the other one it has no meaning …
_ONLY_WITH = {
    "transport": "sip",
    "ari_user": "ari",
    "media_host": "ari",
    "cloud": "local",
    "cloud_tokens": "cloud",
    "cloud_stt": "cloud",
    "cloud_tts": "cloud",
}
# … and beside this one neither: an echo answers at once, and is no bot.
_NOT_WITH = {
    "calibrate": ("patience", "quiet", "plot", "timeline", "max_p50", "max_p95", "cloud"),
    "local": ("timeline",),
    "say": ("script",),
}
_OF_OPENAI = ("speech_url", "speech_model", "speech_voice")
_CLOUD = {"cloud_tokens": 60.0, "cloud_stt": "150-250", "cloud_tts": "150"}


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, checked. The names are the options'."""

    accounts: tuple[Account, ...] = ()
    codec: str = "g722"
    ari: str | None = None
    ari_user: str = "bot"
    ari_password: str = ""
    media_host: str | None = None
    local: bool = False
    dial: str | None = None
    say: tuple[str, ...] = ()
    script: Path | None = None
    voice: str = "piper"
    language: str = "en"
    speech_url: str | None = None
    speech_model: str = "gpt-4o-mini-tts"
    speech_voice: str = "alloy"
    calls: int | None = None
    parallel: int = 1
    patience: float = 10.0
    quiet: float = 1.0
    calibrate: bool = False
    json: bool = False
    plot: Path | None = None
    keep: Path | None = None
    timeline: Path | None = None
    cloud: Cloud | None = None
    max_p50: float | None = None
    max_p95: float | None = None


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Return the options. Raises ``UsageError``; argparse itself exits with 2."""
    given = vars(_parser().parse_args(arguments))
    _check_pairs(given)
    transport = given.pop("transport", "udp")
    given["accounts"] = tuple(account(text, transport) for text in given.pop("sip", ()))
    given["say"] = tuple(given.get("say", ()))
    given["cloud"] = _cloud(given)
    given["ari_password"] = os.environ.get("ARI_PASSWORD", "")
    options = Options(**given)
    _check(options)
    return options


def account(text: str, transport: Literal["udp", "tcp"] = "udp") -> Account:
    """Return the account ``USER[:PASSWORD]@HOST[:PORT]``; raises ``UsageError``.

    Without a password in it, ``SIP_PASSWORD`` in the environment is taken.
    """
    match = _SIP.match(text)
    if match is None:
        raise UsageError(f"--sip {text}: it must look like USER:PASSWORD@HOST or …@HOST:PORT")
    password = match["password"]
    if password is None:
        password = os.environ.get("SIP_PASSWORD", "")
    try:
        return Account(match["user"], match["domain"], password, transport=transport)
    except ValueError as error:
        raise UsageError(f"--sip: {error}") from error


def _cloud(given: dict[str, Any]) -> Cloud | None:
    """Take the cloud's options out of ``given``; return what they mean. Raises ``UsageError``."""
    first_token_ms = given.pop("cloud", None)
    others = [given.pop(name, usual) for name, usual in _CLOUD.items()]
    return None if first_token_ms is None else Cloud.parse(first_token_ms, *others)


def _check_pairs(given: Mapping[str, Any]) -> None:
    """Refuse what would be ignored beside the other options of the command line."""
    for name, other in _ONLY_WITH.items():
        if name in given and other not in given:
            raise UsageError(f"{_option(name)} is for {_option(other)} only")
    for other, names in _NOT_WITH.items():
        for name in names:
            if name in given and other in given:
                raise UsageError(f"take {_option(other)} or {_option(name)}, not both")
    for name in _OF_OPENAI:
        if name in given and given.get("voice") != "openai":
            raise UsageError(f"{_option(name)} is for --voice openai only")


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _check(options: Options) -> None:
    targets = [bool(options.accounts), options.ari is not None, options.local]
    if sum(targets) != 1:
        raise UsageError("say where to call: one of --sip, --ari and --local (see --help)")
    if not options.local and options.dial is None:
        raise UsageError("say whom to call: --dial EXTENSION")
    if options.ari is not None and "@" not in (options.dial or ""):
        raise UsageError("with --ari, --dial needs the dialplan context: --dial EXTENSION@CONTEXT")
    least = {"--parallel": options.parallel, "--calls": options.calls}
    for name, value in least.items():
        if value is not None and value < 1:
            raise UsageError(f"{name} {value}: at least one call is needed")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.latency",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # What is absent was not given; what it is then, ``Options`` says.
        argument_default=argparse.SUPPRESS,
    )
    _add_target(parser)
    _add_speech(parser)
    _add_run(parser)
    _add_cloud(parser)
    _add_output(parser)
    return parser


def _add_target(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("where to call").add_argument
    add(
        "--sip",
        action="append",
        metavar="USER[:PASSWORD]@HOST[:PORT]",
        help="a phone account; several are used in turn; password also from SIP_PASSWORD",
    )
    add("--transport", choices=("udp", "tcp"), help="SIP over this (--sip); udp")
    add("--codec", choices=CODECS, help="what the phone offers, or the channel has (--ari); g722")
    add("--ari", metavar="URL", help="originate through ARI instead, password from ARI_PASSWORD")
    add("--ari-user", metavar="NAME", help="ARI user (--ari); bot")
    add("--media-host", metavar="ADDRESS", help="our address that the PBX sends audio to (--ari)")
    add("--local", **_SWITCH, help="a private Asterisk and voicebot receptionist")
    add("--dial", metavar="EXTENSION", help="whom to call; --local: bot")


def _add_speech(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what the caller says").add_argument
    add(
        "--say",
        action="append",
        metavar="FILE.wav|TEXT",
        help="one question; several make a conversation; sound:NAME is a prompt of Asterisk's",
    )
    add("--script", type=Path, metavar="FILE", help="conversations (bench/latency_script.py)")
    add("--voice", choices=("piper", "espeak", "openai"), help="speaks texts; piper")
    add("--language", help="language of the texts (espeak, sound:NAME); en")
    add("--speech-url", metavar="URL", help="OpenAI-compatible base URL (--voice openai)")
    add("--speech-model", metavar="NAME", help="its model; gpt-4o-mini-tts")
    add("--speech-voice", metavar="NAME", help="its voice; alloy")


def _add_run(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("how it is measured").add_argument
    add("--calls", type=int, metavar="N", help="calls in all; one for each conversation")
    add("--parallel", type=int, metavar="K", help="calls at once; 1")
    add("--patience", type=float, metavar="S", help="a later answer is missed; 10")
    add("--quiet", type=float, metavar="S", help="silence that ends an answer; 1")
    add(
        "--calibrate",
        **_SWITCH,
        help="measure the measurement: --dial is an echo (--local: echo)",
    )


def _add_cloud(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("a simulated cloud, with --local").add_argument
    add("--cloud", type=float, metavar="MS", help="its language model's first token takes so long")
    add("--cloud-tokens", type=float, metavar="N", help="its tokens a second; 60")
    add("--cloud-stt", metavar="MS-MS|local", help="its recognition takes this; 150-250")
    add("--cloud-tts", metavar="MS|local", help="its voice's first byte takes this; 150")


def _add_output(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what comes out").add_argument
    add("--json", **_SWITCH, help="the last line of stdout is one JSON object")
    add("--plot", type=Path, metavar="FILE.png", help="waits; FILE-stops, FILE-timeline")
    add("--keep", type=Path, metavar="DIR", help="stereo WAV of each call: left said, right heard")
    add("--timeline", type=Path, metavar="LOG", help="voicebot's JSON log; --local reads its own")
    add("--max-p50", type=float, metavar="MS", help="exit with 4 if voice to voice is worse")
    add("--max-p95", type=float, metavar="MS", help="the same")
