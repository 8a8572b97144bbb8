"""The command line of the latency benchmark."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bench.latency_cloud import Cloud
from bench.latency_errors import UsageError
from bench.phone import A_LAW, MU_LAW, WIDEBAND, Account

if TYPE_CHECKING:
    from collections.abc import Sequence

CODECS = {"g722": WIDEBAND + MU_LAW, "ulaw": MU_LAW, "alaw": A_LAW}

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


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, checked. The names are the options'."""

    accounts: tuple[Account, ...]
    codec: str
    ari: str | None
    ari_user: str
    ari_password: str
    media_host: str | None
    local: bool
    dial: str | None
    say: tuple[str, ...]
    script: Path | None
    voice: str
    language: str
    speech_url: str | None
    speech_model: str
    speech_voice: str
    calls: int | None
    parallel: int
    patience: float
    quiet: float
    calibrate: bool
    json: bool
    plot: Path | None
    keep: Path | None
    timeline: Path | None
    cloud: Cloud | None
    max_p50: float | None
    max_p95: float | None


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Return the options. Raises ``UsageError``; argparse itself exits with 2."""
    values = vars(_parser().parse_args(arguments))
    transport = values.pop("transport")
    values["accounts"] = tuple(account(text, transport) for text in values.pop("sip") or ())
    values["say"] = tuple(values["say"] or ())
    values["cloud"] = _cloud(values)
    values["ari_password"] = os.environ.get("ARI_PASSWORD", "")
    options = Options(**values)
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


def _cloud(values: dict[str, Any]) -> Cloud | None:
    """Take the cloud's options out of ``values``; return what they mean. Raises ``UsageError``."""
    first_token_ms = values.pop("cloud")
    others = (values.pop("cloud_tokens"), values.pop("cloud_stt"), values.pop("cloud_tts"))
    return None if first_token_ms is None else Cloud.parse(first_token_ms, *others)


def _check(options: Options) -> None:
    targets = [bool(options.accounts), options.ari is not None, options.local]
    if sum(targets) != 1:
        raise UsageError("say where to call: one of --sip, --ari and --local (see --help)")
    if not options.local and options.dial is None:
        raise UsageError("say whom to call: --dial EXTENSION")
    if options.ari is not None and "@" not in (options.dial or ""):
        raise UsageError("with --ari, --dial needs the dialplan context: --dial EXTENSION@CONTEXT")
    if options.cloud is not None and (not options.local or options.calibrate):
        raise UsageError("--cloud simulates the cloud of the bot that --local starts")
    if options.say and options.script is not None:
        raise UsageError("take --say or --script, not both")
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
    add("--transport", choices=("udp", "tcp"), default="udp", help="SIP over this")
    add("--codec", choices=CODECS, default="g722", help="what the phone offers")
    add("--ari", metavar="URL", help="originate through ARI instead, password from ARI_PASSWORD")
    add("--ari-user", default="bot", metavar="NAME", help="ARI user")
    add("--media-host", metavar="ADDRESS", help="our address that the PBX sends audio to (--ari)")
    add("--local", action="store_true", help="a private Asterisk and voicebot receptionist")
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
    add("--voice", choices=("piper", "espeak", "openai"), default="piper", help="speaks texts")
    add("--language", default="en", help="language of the texts (espeak, sound:NAME)")
    add("--speech-url", metavar="URL", help="OpenAI-compatible base URL (--voice openai)")
    add("--speech-model", default="gpt-4o-mini-tts", metavar="NAME", help="its model")
    add("--speech-voice", default="alloy", metavar="NAME", help="its voice")


def _add_run(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("how it is measured").add_argument
    add("--calls", type=int, metavar="N", help="calls in all; one for each conversation")
    add("--parallel", type=int, default=1, metavar="K", help="calls at once")
    add("--patience", type=float, default=10.0, metavar="S", help="a later answer is missed")
    add("--quiet", type=float, default=1.0, metavar="S", help="silence that ends an answer")
    add(
        "--calibrate",
        action="store_true",
        help="measure the measurement: --dial is an echo (--local: echo)",
    )


def _add_cloud(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("a simulated cloud, with --local").add_argument
    add("--cloud", type=float, metavar="MS", help="its language model's first token takes so long")
    add("--cloud-tokens", type=float, default=60.0, metavar="N", help="its tokens a second")
    add(
        "--cloud-stt",
        default="150-250",
        metavar="MS-MS|local",
        help="its recognition takes this",
    )
    add(
        "--cloud-tts",
        default="150",
        metavar="MS|local",
        help="its voice's first byte takes this",
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what comes out").add_argument
    add("--json", action="store_true", help="the last line of stdout is one JSON object")
    add("--plot", type=Path, metavar="FILE.png", help="distribution, and FILE-timeline.png")
    add("--keep", type=Path, metavar="DIR", help="stereo WAV of each call: left said, right heard")
    add("--timeline", type=Path, metavar="LOG", help="voicebot's JSON log; --local has its own")
    add("--max-p50", type=float, metavar="MS", help="exit with 4 if voice to voice is worse")
    add("--max-p95", type=float, metavar="MS", help="the same")
