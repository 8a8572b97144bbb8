"""The operations of ``/applications``, ``/asterisk``, ``/deviceStates`` and ``/endpoints``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicebot.sim import devices
from voicebot.sim.dialplan import Phone
from voicebot.sim.hub import ASTERISK_ID
from voicebot.sim.refusal import Refusal
from voicebot.sim.request import NO_CONTENT, Answer, Request

if TYPE_CHECKING:
    from voicebot.sim.exchange import Exchange
    from voicebot.sim.hub import Application
    from voicebot.sim.request import Handler

VERSION = "22.10.1"

_ALL_DEVICES = "__AST_DEVICE_STATE_ALL_TOPIC"

STOCK_MODULES = frozenset(
    {"res_stasis.so", "res_ari.so", "res_ari_channels.so", "res_ari_bridges.so", "chan_pjsip.so"}
)
"""What a PBX has loaded that was made for telephones only: no externalMedia."""

ALL_MODULES = STOCK_MODULES | {"res_rtp_multicast.so", "chan_rtp.so"}

_NEEDS = {"res_rtp_multicast.so": None, "chan_rtp.so": "res_rtp_multicast.so"}
"""Modules that can be loaded at run time, and the one that each needs first."""


def _describe(exchange: Exchange, application: Application) -> dict[str, Any]:
    name = application.name
    return {
        "name": name,
        "channel_ids": [c.id for c in exchange.channels.values() if name in c.watchers],
        "bridge_ids": [b.id for b in exchange.bridges.values() if name in b.watchers],
        "endpoint_ids": [],
        "device_names": [_ALL_DEVICES] if name in exchange.hub.hear_devices else [],
        "events_allowed": [{"type": kind} for kind in sorted(application.allowed)],
        "events_disallowed": [],
    }


def _applications(request: Request) -> Answer:
    exchange = request.exchange
    return Answer([_describe(exchange, application) for application in exchange.hub.applications()])


def _application(request: Request) -> Answer:
    application = request.exchange.hub.application(request.path["applicationName"])
    return Answer(_describe(request.exchange, application))


def _watchers(request: Request) -> list[set[str]]:
    """Return the sets of watchers that ``eventSource`` means."""
    sources = request.get("eventSource")
    if not sources:
        raise Refusal(400, "Missing parameter eventSource")
    found: list[set[str]] = []
    for source in sources.split(","):
        scheme, _, name = source.partition(":")
        if scheme not in {"channel", "bridge", "endpoint", "deviceState"}:
            raise Refusal(400, "Invalid event source URI scheme")
        exchange = request.exchange
        known = exchange.channels if scheme == "channel" else exchange.bridges
        if scheme in {"channel", "bridge"}:
            if name not in known:
                raise Refusal(422, "Event source does not exist")
            found.append(known[name].watchers)
        elif scheme == "deviceState" and name in {"", _ALL_DEVICES}:
            found.append(exchange.hub.hear_devices)
    return found


def _subscribe(request: Request) -> Answer:
    application = request.exchange.hub.application(request.path["applicationName"])
    for watchers in _watchers(request):
        watchers.add(application.name)
    return Answer(_describe(request.exchange, application))


def _filter(request: Request) -> Answer:
    """Send only events of the types that are allowed; without any, all of them."""
    application = request.exchange.hub.application(request.path["applicationName"])
    allowed = request.body.get("allowed") or ()
    application.allowed = frozenset(item["type"] for item in allowed)
    return Answer(_describe(request.exchange, application))


def _unsubscribe(request: Request) -> Answer:
    application = request.exchange.hub.application(request.path["applicationName"])
    for watchers in _watchers(request):
        watchers.discard(application.name)
    return Answer(_describe(request.exchange, application))


def _info(_request: Request) -> Answer:
    return Answer(
        {
            "build": {
                "os": "Linux",
                "kernel": "",
                "machine": "",
                "options": "",
                "date": "",
                "user": "",
            },
            "system": {"version": VERSION, "entity_id": ASTERISK_ID},
            "config": {"name": "", "default_language": "en", "setid": {"user": "", "group": ""}},
            "status": {"startup_time": "", "last_reload_time": ""},
        }
    )


def _ping(request: Request) -> Answer:
    timestamp = request.exchange.hub.timestamp()
    return Answer({"ping": "pong", "timestamp": timestamp, "asterisk_id": ASTERISK_ID})


def _module(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "description": name.removesuffix(".so"),
        "use_count": 0,
        "status": "Running",
        "support_level": "core",
    }


def _modules(request: Request) -> Answer:
    return Answer([_module(name) for name in sorted(request.exchange.modules)])


def _get_module(request: Request) -> Answer:
    name = request.path["moduleName"]
    if name not in request.exchange.modules:
        raise Refusal(404, "Module could not be found in running modules")
    return Answer(_module(name))


def _load_module(request: Request) -> Answer:
    name, modules = request.path["moduleName"], request.exchange.modules
    if name in modules:
        raise Refusal(409, "Module is already loaded")
    needed = _NEEDS.get(name, "")
    if needed is not None and needed not in modules:
        raise Refusal(409, "Module load declined")
    modules.add(name)
    return NO_CONTENT


def _get_global(request: Request) -> Answer:
    name = request.get("variable")
    if not name:
        raise Refusal(400, "Variable name is required")
    return Answer({"value": request.exchange.globals.get(name, "")})


def _set_global(request: Request) -> Answer:
    name = request.get("variable")
    if not name:
        raise Refusal(400, "Variable name is required")
    request.exchange.globals[name] = request.get("value")
    return NO_CONTENT


def _device_states(_request: Request) -> Answer:
    """Answer with the states that ARI controls itself: none, as on a new PBX."""
    return Answer([])


def _device_state(request: Request) -> Answer:
    return Answer(devices.describe(request.exchange, request.path["deviceName"]))


def _endpoint(exchange: Exchange, number: str, phone: Phone) -> dict[str, Any]:
    prefix = f"PJSIP/{number}-"
    return {
        "technology": "PJSIP",
        "resource": number,
        "state": "offline" if phone.outcome == "offline" else "online",
        "channel_ids": [c.id for c in exchange.channels.values() if c.name.startswith(prefix)],
    }


def _endpoints(request: Request) -> Answer:
    technology = request.path.get("tech", "PJSIP")
    if technology != "PJSIP":
        raise Refusal(404, f"No Endpoints found - invalid tech {technology}")
    exchange = request.exchange
    phones = ((n, phone) for n, phone in exchange.dialplan.items() if isinstance(phone, Phone))
    return Answer([_endpoint(exchange, number, phone) for number, phone in phones])


def _get_endpoint(request: Request) -> Answer:
    phone = request.exchange.dialplan.get(request.path["resource"])
    if request.path["tech"] != "PJSIP" or not isinstance(phone, Phone):
        raise Refusal(404, "Endpoint not found")
    return Answer(_endpoint(request.exchange, request.path["resource"], phone))


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/applications"): _applications,
    ("GET", "/applications/{applicationName}"): _application,
    ("POST", "/applications/{applicationName}/subscription"): _subscribe,
    ("DELETE", "/applications/{applicationName}/subscription"): _unsubscribe,
    ("PUT", "/applications/{applicationName}/eventFilter"): _filter,
    ("GET", "/asterisk/info"): _info,
    ("GET", "/asterisk/ping"): _ping,
    ("GET", "/asterisk/modules"): _modules,
    ("GET", "/asterisk/modules/{moduleName}"): _get_module,
    ("POST", "/asterisk/modules/{moduleName}"): _load_module,
    ("GET", "/asterisk/variable"): _get_global,
    ("POST", "/asterisk/variable"): _set_global,
    ("GET", "/deviceStates"): _device_states,
    ("GET", "/deviceStates/{deviceName}"): _device_state,
    ("GET", "/endpoints"): _endpoints,
    ("GET", "/endpoints/{tech}"): _endpoints,
    ("GET", "/endpoints/{tech}/{resource}"): _get_endpoint,
}
