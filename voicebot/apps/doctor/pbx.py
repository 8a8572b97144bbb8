"""What is judged from facts alone: version, name, limits, clock, protection."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from voicebot.apps.doctor.finding import MIKOPBX_FILES, Check
from voicebot.apps.doctor.modules import WEBSOCKET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicebot.apps.doctor.facts import Facts
    from voicebot.apps.doctor.finding import Finding
    from voicebot.config import AriSettings, Settings

OLDEST: Final = (18,)
# The first releases of each branch with chan_websocket; later branches have it from the start.
WITH_WEBSOCKET: Final = {20: (20, 16), 21: (21, 11), 22: (22, 6)}

_CLOCK_WARNING_S: Final = 2.0
_SLOW_S: Final = 0.05
_FEW_CHANNELS: Final = 20
_FEW_FILES: Final = 1024

_VERSION = Check("version", "externalMedia and its transports came over the years")
_NAME = Check("application", "two programs with one name take each other's calls")
_CLOCK = Check("clock", "logs and call records of both sides are compared by time")
_LATENCY = Check("answers", "every step of a call's set-up waits for one")
_LIMITS = Check("limits", "Asterisk refuses calls beyond them")
_TLS = Check("protection of ARI", "the password and all call data travel over this connection")
_MEDIA = Check("media address", "Asterisk sends the callers' audio there")
_PRIVACY = Check("protection of media", "externalMedia over RTP is not encrypted")


def check_version(facts: Facts, settings: Settings) -> Finding:
    """Judge Asterisk's version against the media transport."""
    text = facts.info.system.version if facts.info.system is not None else ""
    version = version_in(text)
    if version is None:
        return _VERSION.skipped(f"Asterisk does not say a version that is understood: {text!r}")
    if version < OLDEST:
        return _VERSION.failed(
            f"Asterisk {text}", fix=f"update Asterisk to {OLDEST[0]} or newer, best 22"
        )
    if settings.media.transport == WEBSOCKET and not has_websocket(version):
        return _VERSION.failed(
            f"Asterisk {text} has no chan_websocket",
            fix="update Asterisk to 20.16, 21.11, 22.6 or newer, or set media.transport = rtp",
        )
    return _VERSION.ok(f"Asterisk {text}")


def version_in(text: str) -> tuple[int, ...] | None:
    """Return ``(22, 10, 1)`` for ``22.10.1+dfsg``, ``(18, 9)`` for ``certified-18.9-cert4``."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in found.groups() if part is not None) if found else None


def has_websocket(version: tuple[int, ...]) -> bool:
    """Return whether a release has chan_websocket."""
    first = WITH_WEBSOCKET.get(version[0])
    return version >= first if first is not None else version[0] > max(WITH_WEBSOCKET)


def check_names(facts: Facts, settings: Settings) -> Iterator[Finding]:
    """Judge whether the names of our applications are free. Nothing is registered for that.

    The transcriber's is of interest where it has settings of its own, or is registered already.
    """
    reception, scribe = settings.ari.app, settings.transcribe.app
    yield _check_name(facts, reception, "receptionist", "ari.app")
    if not settings.transcribe.model_fields_set and scribe not in facts.applications:
        return
    if scribe == reception:
        yield _NAME.failed(
            f"receptionist and transcriber are both called {scribe!r}",
            fix="set transcribe.app or ari.app to another name, and use that in the dialplan's "
            "Stasis()",
        )
    else:
        yield _check_name(facts, scribe, "transcriber", "transcribe.app")


def _check_name(facts: Facts, app: str, program: str, setting: str) -> Finding:
    if app not in facts.applications:
        return _NAME.ok(f"nobody uses the name {app!r}")
    busy = sum(_is_in(channel.dialplan.app_data, app) for channel in facts.channels)
    return _NAME.warning(
        f"{app!r} is registered already ({busy} calls in it now)",
        fix=f"if that is your {program} at work, all is well; if not, set {setting} to a name of "
        "your own and use that in the dialplan's Stasis()",
    )


def _is_in(app_data: str, app: str) -> bool:
    return app_data == app or app_data.startswith(f"{app},")


def check_clock(facts: Facts) -> Finding:
    """Judge how far the two clocks are apart."""
    ahead = facts.ahead_s
    # What cannot be told from the time that the answer took is no difference.
    if abs(ahead) <= _CLOCK_WARNING_S + facts.answer_s:
        return _CLOCK.ok(f"{abs(ahead):.2f} s apart")
    word = "ahead of" if ahead > 0 else "behind"
    return _CLOCK.warning(
        f"Asterisk's clock is {abs(ahead):.1f} s {word} ours",
        fix="let both machines take their time from NTP (timedatectl set-ntp true)",
        mikopbx="System → Time settings: NTP servers",
    )


def check_answers(facts: Facts) -> Finding:
    """Judge how fast Asterisk answers."""
    text = f"{1000 * facts.answer_s:.0f} ms for an answer"
    if facts.answer_s <= _SLOW_S:
        return _LATENCY.ok(text)
    return _LATENCY.warning(text, fix="run voicebot nearer to the PBX: set-up takes five of these")


def check_limits(facts: Facts) -> Finding:
    """Judge Asterisk's own limits as far as it tells them."""
    config = facts.info.config
    told = {
        "maxcalls": config.max_channels if config else None,
        "maxload": config.max_load if config else None,
        "maxfiles": config.max_open_files if config else None,
    }
    text = ", ".join(f"{name} {value:g}" for name, value in told.items() if value)
    # A served call has three channels: the caller, the media and, in a transfer, the colleague.
    low = [
        name
        for name, least in (("maxcalls", _FEW_CHANNELS), ("maxfiles", _FEW_FILES))
        if 0 < (told[name] or 0) < least
    ]
    if low:
        return _LIMITS.warning(
            f"{text}; each call with the bot takes two channels",
            fix=f"raise {' and '.join(low)} in asterisk.conf",
            mikopbx=f"{MIKOPBX_FILES} → asterisk.conf",
        )
    return _LIMITS.ok(text or "none set")


def check_tls(settings: AriSettings) -> Finding:
    """Judge whether ARI is protected on its way."""
    parts = urlsplit(settings.url)
    if parts.scheme == "https":
        return _TLS.ok("TLS, certificate verified")
    if is_local(parts.hostname or ""):
        return _TLS.ok("plain HTTP, which does not leave this machine")
    return _TLS.warning(
        f"plain HTTP to {parts.hostname}",
        fix="set ari.url to https://HOST:8089 with the prefix, and ari.ca_file if the certificate "
        "is your own; on a trusted network plain HTTP will do",
        mikopbx="System → General settings → HTTPS certificate; ARI's TLS port is 8089",
    )


def check_media_address(settings: Settings) -> Finding:
    """Judge the address that Asterisk is told, before anything is sent."""
    media, pbx = settings.media, urlsplit(settings.ari.url).hostname or ""
    told = media.advertise or media.host
    if media.transport == WEBSOCKET:
        return _MEDIA.ok("audio travels over a websocket to Asterisk")
    if _is_unspecified(told):
        return _MEDIA.failed(f"{told} is no place to send to", fix=_advertise(pbx))
    if is_local(told) and not is_local(pbx):
        return _MEDIA.failed(
            f"Asterisk ({pbx}) is told to send audio to {told}: to itself", fix=_advertise(pbx)
        )
    return _MEDIA.ok(told)


def _advertise(pbx: str) -> str:
    return (
        f"set media.host to the address of this machine that {pbx} reaches, or media.advertise "
        "where that is another one than we can bind"
    )


def check_media_privacy(settings: Settings) -> Finding:
    """Judge whether audio crosses a network that others can listen to."""
    media, ari = settings.media, urlsplit(settings.ari.url)
    told = media.advertise or media.host
    if media.transport == WEBSOCKET:
        if ari.scheme == "https":
            return _PRIVACY.ok("audio travels through TLS")
        told = ari.hostname or ""
    if is_private(told):
        return _PRIVACY.ok("audio stays on a private network")
    return _PRIVACY.warning(
        f"audio is sent to {told}, which may be a public address, without encryption",
        fix="use a private network or a VPN, or media.transport = websocket with ari.url = https",
    )


def is_local(host: str) -> bool:
    """Return whether ``host`` is this machine's loopback."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Return whether ``host`` is no public address; a name is not known to be one."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def _is_unspecified(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
