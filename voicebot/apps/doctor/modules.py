"""Which modules of Asterisk's are needed, why, and how they are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from voicebot.apps.doctor.advice import advice_for
from voicebot.apps.doctor.finding import MIKOPBX_FILES, Check
from voicebot.errors import AriError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from voicebot.apps.doctor.finding import Finding
    from voicebot.ari.client import AriClient

RTP: Final = "rtp"
WEBSOCKET: Final = "websocket"


@dataclass(frozen=True, slots=True)
class Need:
    """A module and what does not work without it.

    ``transport``: needed with this one only. ``vital``: no call is served without it.
    """

    module: str
    purpose: str
    transport: Literal["rtp", "websocket"] | None = None
    vital: bool = True


def _ari(*resources: str) -> tuple[Need, ...]:
    return tuple(Need(f"res_ari_{name}", f"the ARI resource {name}") for name in resources)


# In the order in which they must be loaded.
NEEDS: Final = (
    Need("res_http_websocket", "websockets, so also ARI's events"),
    Need("res_stasis", "Stasis applications"),
    Need("res_stasis_answer", "answering calls"),
    Need("res_stasis_playback", "playing Asterisk's own sounds", vital=False),
    Need("res_stasis_recording", "recording", vital=False),
    Need(
        "res_stasis_snoop", "listening to calls between people (voicebot transcribe)", vital=False
    ),
    Need("res_stasis_device_state", "device states (voicebot presence)", vital=False),
    Need("app_stasis", "Stasis() in the dialplan: without it no call reaches voicebot"),
    Need("res_ari", "ARI"),
    Need("res_ari_model", "ARI"),
    *_ari("applications", "asterisk", "bridges", "channels", "events"),
    Need("res_ari_device_states", "device states (voicebot presence)", vital=False),
    Need("res_ari_endpoints", "endpoints (voicebot presence)", vital=False),
    Need("res_ari_playbacks", "playing Asterisk's own sounds", vital=False),
    Need("res_rtp_asterisk", "RTP, also of the phones"),
    Need("res_rtp_multicast", "chan_rtp uses it", RTP),
    Need("chan_rtp", "externalMedia: the caller's audio comes to voicebot", RTP),
    Need("chan_websocket", "externalMedia: the caller's audio comes to voicebot", WEBSOCKET),
    Need("bridge_simple", "two channels joined without delay"),
    Need("bridge_softmix", "a bridge of more than two", vital=False),
    Need("bridge_holding", "music while a transfer rings", vital=False),
    Need("res_musiconhold", "music while callers wait", vital=False),
    Need("codec_resample", "8 kHz callers: audio is 16 kHz inside"),
    Need("codec_ulaw", "callers with G.711 µ-law"),
    Need("codec_alaw", "callers with G.711 A-law"),
    Need("codec_g722", "wide-band callers, and speech to them", vital=False),
    Need(
        "func_channel",
        "telling wide-band from narrow-band callers, and which channels are one call",
        vital=False,
    ),
    Need("func_dialplan", "this doctor's look at the dialplan", vital=False),
)
# One of these, the best first. Without one no bridge of more than two, no playback, no music.
TIMING: Final = ("res_timing_timerfd", "res_timing_kqueue", "res_timing_dahdi")
POOR_TIMING: Final = "res_timing_pthread"

_MODULES = Check("modules", "Asterisk does only what a loaded module can do")
_CODECS = Check("codecs", "without a translator a caller hears nothing and is not heard")
_LOADED = Check("modules loaded", "a module loaded over ARI is gone after Asterisk's next start")
_TIMING = Check("timing source", "playback, music and conferences are paced by it")


def needed(transport: str) -> tuple[Need, ...]:
    """Return what a voicebot with this media transport needs, in loading order."""
    return tuple(need for need in NEEDS if need.transport in (None, transport))


def missing(running: Collection[str], transport: str) -> tuple[Need, ...]:
    """Return the needs that ``running`` modules (without ``.so``) do not meet."""
    return tuple(need for need in needed(transport) if need.module not in running)


def check_modules(running: Collection[str], transport: str) -> Iterator[Finding]:
    """Judge the modules that are not codecs: one finding for each that is missing."""
    needs = [need for need in needed(transport) if not _is_codec(need)]
    yield from _judge(_MODULES, needs, running)


def check_codecs(running: Collection[str], transport: str) -> Iterator[Finding]:
    """Judge the translators."""
    yield from _judge(_CODECS, [need for need in needed(transport) if _is_codec(need)], running)


def check_timing(running: Collection[str]) -> Finding:
    """Judge the timing source."""
    if found := next((name for name in TIMING if name in running), None):
        return _TIMING.ok(found)
    load = lines_for(TIMING[:1])
    if POOR_TIMING in running:
        return _TIMING.warning(f"only {POOR_TIMING}, which jitters", **load)
    return _TIMING.failed("no timing module is loaded", **load)


async def load_missing(
    ari: AriClient, running: Collection[str], transport: str
) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """Load what is missing, in order of dependency.

    Returns a finding for what was loaded and for each module that Asterisk refused, and the
    modules that were loaded.
    """
    loaded: list[str] = []
    findings: list[Finding] = []
    wanted = [need.module for need in missing(running, transport)]
    if not {*TIMING, POOR_TIMING} & set(running):
        wanted.append(TIMING[0])
    for module in wanted:
        try:
            await ari.asterisk.load_module(f"{module}.so")
        except AriError as error:
            findings.append(_LOADED.failed(f"{module}.so: {error}", fix=advice_for(error)))
        else:
            loaded.append(module)
    if loaded:
        names = ", ".join(f"{module}.so" for module in loaded)
        findings.insert(0, _LOADED.warning(f"loaded now: {names}", **lines_for(loaded)))
    elif not wanted:
        findings.append(_LOADED.ok("nothing had to be loaded"))
    return tuple(findings), frozenset(loaded)


def lines_for(modules: Iterable[str]) -> dict[str, str]:
    """Return the fix that keeps ``modules`` over restarts, for both kinds of PBX."""
    lines = ", ".join(f"'load => {module}.so'" for module in modules)
    return {
        "fix": f"to keep it, add to modules.conf: {lines}",
        "mikopbx": f"{MIKOPBX_FILES} → modules.conf, 'Add to end of file': {lines}",
    }


def _judge(check: Check, needs: Sequence[Need], running: Collection[str]) -> Iterator[Finding]:
    absent = [need for need in needs if need.module not in running]
    for need in absent:
        judge = check.failed if need.vital else check.warning
        ways = lines_for([need.module])
        fix = f"run: voicebot doctor --fix; {ways['fix']}"
        yield judge(
            f"{need.module}.so is not running: {need.purpose}", fix=fix, mikopbx=ways["mikopbx"]
        )
    if not absent:
        yield check.ok(f"all {len(needs)} are running")


def _is_codec(need: Need) -> bool:
    return need.module.startswith("codec_")
