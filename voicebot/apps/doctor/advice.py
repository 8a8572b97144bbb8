"""What an error of Asterisk's means and what to do about it, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.apps.doctor.finding import MIKOPBX_ARI, MIKOPBX_USER
from voicebot.errors import (
    ApplicationReplacedError,
    AriAuthenticationError,
    AriConnectionError,
    AriRequestError,
    AriSetupError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.errors import AriError

STANDSTILL: Final = (
    "Asterisk answers a ping, but hangs in what ARI's applications need: restart it ('core restart "
    "now' at its console). Up to 22.10 it may come to this when a program that follows device "
    "states is killed in the moment in which one changes"
)

_EXTERNAL_MEDIA: Final = "/channels/externalMedia"

# The first that fits. Asterisk answers a missing channel driver with a bare 500.
_ADVICE: Final[tuple[tuple[Callable[[AriError], bool], str], ...]] = (
    (
        lambda error: _is_answer(error, 500, _EXTERNAL_MEDIA),
        (
            "Asterisk cannot make externalMedia channels, most likely because the module chan_rtp "
            "(with transport = websocket: chan_websocket) is not loaded; run: "
            "voicebot doctor --fix. If it is loaded, media.advertise may be a name that "
            "Asterisk cannot resolve"
        ),
    ),
    (
        lambda error: _is_answer(error, 400, _EXTERNAL_MEDIA),
        (
            "Asterisk does not take our media address: set media.advertise to the IP address at "
            "which it reaches this machine"
        ),
    ),
    (
        lambda error: _is_answer(error, 409, "/asterisk/modules/"),
        (
            "Asterisk does not load the module: its file is missing or what it depends on is not "
            "loaded; see Asterisk's log, and install the Asterisk modules package"
        ),
    ),
    (
        lambda error: isinstance(error, AriAuthenticationError) and error.status == 403,
        f"the ARI user may only read: set read_only = no in ari.conf (MikoPBX: {MIKOPBX_USER})",
    ),
    (
        lambda error: isinstance(error, AriAuthenticationError),
        f"set ari.username and ari.password as in ari.conf (MikoPBX: {MIKOPBX_USER})",
    ),
    (
        lambda error: isinstance(error, ApplicationReplacedError),
        (
            "another program uses the same application name: stop it, or set ari.app (of the "
            "transcriber: transcribe.app) to another name and use that in the dialplan's Stasis()"
        ),
    ),
    (
        lambda error: isinstance(error, AriSetupError) and error.__cause__ is not None,
        (
            "make ari.url fit Asterisk's certificate (its name, https and port 8089), or name its "
            "authority with ari.ca_file"
        ),
    ),
    (
        lambda error: isinstance(error, AriSetupError),
        (
            "switch ARI on (enabled = yes in ari.conf) and end ari.url with the prefix of "
            f"http.conf (MikoPBX: {MIKOPBX_ARI}; http://PBX:8088/asterisk)"
        ),
    ),
    (
        lambda error: isinstance(error, AriConnectionError),
        (
            "start Asterisk, let its HTTP server listen on this address (http.conf: enabled = yes, "
            "bindaddr, bindport) and let the firewall pass the port"
        ),
    ),
)


def advice_for(error: AriError) -> str:
    """Return what to do about ``error``, as the doctor would say it."""
    return next(
        (advice for fits, advice in _ADVICE if fits(error)),
        "run: voicebot doctor, and see Asterisk's log of that moment",
    )


def _is_answer(error: AriError, status: int, path: str) -> bool:
    return (
        isinstance(error, AriRequestError)
        and error.status == status
        and error.path.startswith(path)
    )
