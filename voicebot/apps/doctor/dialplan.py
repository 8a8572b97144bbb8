"""What the dialplan does with transfers, and with calls that the bot does not take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from voicebot.apps.doctor.finding import Check

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from voicebot.apps.doctor.finding import Finding
    from voicebot.ari.models import Channel
    from voicebot.config import ReceptionistSettings

_TRANSFERS = Check("transfers", "the bot can only transfer to what Asterisk can dial")
_FALLBACK = Check("fallback", "what a caller gets while voicebot does not run")
_PRESENCE: Final = Check(
    "who is free", "before it rings somebody, the bot says who is on another call"
)
_LOCAL: Final = re.compile(r"Local/(?P<extension>[^@]+)@(?P<context>[^/]+)")
_ADVICE: Final = (
    "after Stasis({app}) in the dialplan add where calls go when the bot is not there, for example "
    "same => n,Dial(PJSIP/201,30)"
)
_PLACE: Final = (
    "Routing → Dialplan applications (type Asterisk dialplan): the lines after Stasis({app})"
)


class Dialplan(Protocol):
    """Knows which places the dialplan has."""

    async def dialplan_has(self, context: str, extension: str, priority: int = 1) -> bool:
        """Return whether the dialplan has this place. Raises ``AriError``."""
        ...


async def check_transfers(
    dialplan: Dialplan, dial: str, extensions: Mapping[str, str], devices: Collection[str]
) -> Finding:
    """Judge whether each entry of the directory can be dialled.

    ``dial`` is the setting ``receptionist.dial``, ``extensions`` are numbers by directory key and
    ``devices`` are Asterisk's endpoints, as ``PJSIP/201``. Raises ``AriError``.
    """
    lost = [
        f"{key} ({dial.format(extension=extension)})"
        for key, extension in extensions.items()
        if not await _can_dial(dialplan, dial.format(extension=extension), devices)
    ]
    if not lost:
        return _TRANSFERS.ok(f"all {len(extensions)} entries of the directory can be dialled")
    return _TRANSFERS.warning(
        f"cannot be dialled: {', '.join(lost)}",
        fix="correct the extensions in the prompt's directory, or set receptionist.dial to how "
        "this PBX dials them, for example Local/{extension}@from-internal or PJSIP/{extension}",
        mikopbx="Local/{extension}@internal dials the extensions of Telephony → Extensions",
    )


def check_presence(
    receptionist: ReceptionistSettings, extensions: Mapping[str, str], devices: Collection[str]
) -> Finding:
    """Judge whose state the PBX tells; ``extensions`` and ``devices`` as in ``check_transfers``."""
    if receptionist.when_busy == "ring":
        return _PRESENCE.ok("not asked for: receptionist.when_busy is ring")
    unknown = [
        key
        for key, extension in extensions.items()
        if receptionist.device.format(extension=extension) not in devices
    ]
    told = len(extensions) - len(unknown)
    if not told:
        return _PRESENCE.warning(
            "of nobody in the directory; everybody is rung",
            fix="set receptionist.device to how this PBX names phones, for example "
            "PJSIP/{extension}, and see: voicebot presence --once",
            mikopbx="PJSIP/{extension} is the phone of an extension of Telephony → Extensions",
        )
    rest = f"; always rung: {', '.join(unknown)}" if unknown else ""
    return _PRESENCE.ok(f"known of {told} of {len(extensions)} in the directory{rest}")


async def _can_dial(dialplan: Dialplan, device: str, devices: Collection[str]) -> bool:
    if local := _LOCAL.fullmatch(device.removesuffix("/n")):
        return await dialplan.dialplan_has(local["context"], local["extension"])
    technology, _, resource = device.partition("/")
    # PJSIP/201@trunk and PJSIP/201/sip:… name the endpoint in another place.
    plain = "@" not in resource and "/" not in resource
    return not plain or f"{technology}/{resource}" in devices


async def check_fallback(dialplan: Dialplan, app: str, channels: Iterable[Channel]) -> Finding:
    """Judge what follows ``Stasis(app)``, from where calls in it came. Raises ``AriError``.

    ARI does not show the dialplan; without such a call there is only advice.
    """
    fix, mikopbx = _ADVICE.format(app=app), _PLACE.format(app=app)
    places = {
        (it.dialplan.context, it.dialplan.exten, it.dialplan.priority)
        for it in channels
        if it.dialplan.app_name == "Stasis" and it.dialplan.app_data.split(",")[0] == app
    }
    if not places:
        return _FALLBACK.skipped(
            "ARI does not show the dialplan, and no call is in the application that would tell",
            fix=fix,
            mikopbx=mikopbx,
        )
    ends = [
        f"{context},{extension}"
        for context, extension, priority in sorted(places)
        if not await dialplan.dialplan_has(context, extension, priority + 1)
    ]
    if ends:
        return _FALLBACK.warning(
            f"nothing follows Stasis at {'; '.join(ends)}", fix=fix, mikopbx=mikopbx
        )
    return _FALLBACK.ok(f"the dialplan goes on after Stasis in {len(places)} place(s)")
