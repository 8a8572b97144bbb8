"""The examination: every check in its order, each finding as soon as there is one."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from voicebot.apps.doctor import here, modules, pbx
from voicebot.apps.doctor.advice import STANDSTILL, advice_for
from voicebot.apps.doctor.dialplan import check_fallback, check_presence, check_transfers
from voicebot.apps.doctor.facts import gather
from voicebot.apps.doctor.finding import Verdict
from voicebot.apps.doctor.keeping import check_keeping
from voicebot.apps.doctor.loopback import ROUND_TRIP, Loopback, judge
from voicebot.apps.doctor.priority import Running, asterisks, check_priority
from voicebot.apps.doctor.reach import REACH, check_permission, check_reach, client
from voicebot.errors import AriError, ConfigError, MediaError, PortInUseError
from voicebot.media.endpoint import RtpEndpoint
from voicebot.media.websocket import WebsocketTransport
from voicebot.models.weights import Store
from voicebot.speech.providers import local_stages

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence

    from voicebot.apps.doctor.facts import Facts
    from voicebot.apps.doctor.finding import Finding
    from voicebot.config import MediaSettings, Settings
    from voicebot.speech.prompt import Prompt

# An Asterisk that does not let us in is waited for elsewhere, not by a doctor.
_EVENTS_S: Final = 10.0
_WEBSOCKET_FIX: Final = "let Asterisk's HTTP server accept websockets at /media (chan_websocket)"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the examination uses of the machine it runs on."""

    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)
    store: Store = field(default_factory=Store)
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    asterisks: Callable[[], Sequence[Running]] = asterisks


async def examine(
    settings: Settings, *, fix: bool = False, surroundings: Surroundings | None = None
) -> AsyncGenerator[Finding, None]:
    """Yield the findings: first ours, then the PBX's; what depends on a failed step is left out.

    With ``fix`` modules that are missing are loaded. A running receptionist is not disturbed: what
    is registered and made in Asterisk has names of its own and is removed again.
    """
    around = surroundings or Surroundings()
    prompt, finding = here.read_prompt(settings)
    yield finding
    async with aclosing(_examine_here(settings, prompt, around)) as found:
        async for finding in found:
            yield finding
    reached = await check_reach(settings.ari)
    for finding in reached:
        yield finding
    if reached[-1].verdict is not Verdict.OK:
        return
    try:
        async with aclosing(_examine_pbx(settings, prompt, around, fix=fix)) as found:
            async for finding in found:
                yield finding
    except AriError as error:
        hangs = isinstance(error.__cause__, TimeoutError)
        yield REACH.failed(str(error), fix=STANDSTILL if hangs else advice_for(error))


async def _examine_here(
    settings: Settings, prompt: Prompt | None, around: Surroundings
) -> AsyncGenerator[Finding, None]:
    language = prompt.language if prompt is not None else "en"
    for found in (
        here.check_models(settings, language, around.store, around.variables),
        here.check_providers(settings, around.variables),
        check_keeping(settings.records, settings.webhook),
    ):
        async with aclosing(found):
            async for finding in found:
                yield finding
    yield here.check_disk(settings.tts.cache)
    yield here.check_port(settings.media)
    if local_stages(settings, around.variables):
        for finding in check_priority(around.asterisks()):
            yield finding


async def _examine_pbx(
    settings: Settings, prompt: Prompt | None, around: Surroundings, *, fix: bool
) -> AsyncGenerator[Finding, None]:
    async with client(settings.ari) as ari:
        permission = await check_permission(ari)
        yield permission
        facts = await gather(ari, around.clock)
        if fix and permission.verdict is Verdict.OK:
            findings, loaded = await modules.load_missing(
                ari, facts.running, settings.media.transport
            )
            for finding in findings:
                yield finding
            facts = replace(facts, running=facts.running | loaded)
        for finding in judge_facts(facts, settings):
            yield finding
        devices = frozenset(f"{it.technology}/{it.resource}" for it in await ari.endpoints.list())
        if prompt is not None:
            yield check_presence(settings.receptionist, _numbers(prompt), devices)
        if permission.verdict is Verdict.OK:
            async with aclosing(_try_out(settings, prompt, facts, devices)) as found:
                async for finding in found:
                    yield finding


def judge_facts(facts: Facts, settings: Settings) -> Iterator[Finding]:
    """Yield what follows from the facts alone."""
    transport = settings.media.transport
    yield pbx.check_version(facts, settings)
    yield from modules.check_modules(facts.running, transport)
    yield from modules.check_codecs(facts.running, transport)
    yield modules.check_timing(facts.running)
    yield from pbx.check_names(facts, settings)
    yield pbx.check_clock(facts)
    yield pbx.check_answers(facts)
    yield pbx.check_limits(facts)
    yield pbx.check_tls(settings.ari)
    yield pbx.check_media_address(settings)
    yield pbx.check_media_privacy(settings)


async def _try_out(
    settings: Settings, prompt: Prompt | None, facts: Facts, devices: frozenset[str]
) -> AsyncGenerator[Finding, None]:
    """Make channels of our own, send a sound through them, and ask the dialplan from there."""
    app = f"voicebot-doctor-{uuid4().hex[:8]}"
    try:
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(_EVENTS_S):
                ari = await stack.enter_async_context(client(settings.ari, app=app))
            transport = await _transport(settings)
            stack.push_async_callback(transport.close)
            loopback = Loopback(ari, app, transport)
            wideband = "codec_g722" in facts.running
            await stack.enter_async_context(loopback.open(wideband=wideband))
            address = (
                transport.external_media()["external_host"]
                if isinstance(transport, RtpEndpoint)
                else None
            )
            yield judge(await loopback.travel(), address)
            if prompt is not None and settings.receptionist.hand_back is None:
                dial = settings.receptionist.dial
                yield await check_transfers(loopback, dial, _numbers(prompt), devices)
            yield await check_fallback(loopback, settings.ari.app, facts.channels)
    except TimeoutError:
        yield ROUND_TRIP.failed(
            f"Asterisk gives no events within {_EVENTS_S:.0f} s", fix="see Asterisk's log"
        )
    except AriError as error:
        yield ROUND_TRIP.failed(str(error), fix=advice_for(error))
    except (MediaError, ConfigError) as error:
        over_rtp = settings.media.transport == modules.RTP
        fix = "set media.host to an address Asterisk reaches" if over_rtp else _WEBSOCKET_FIX
        yield ROUND_TRIP.failed(str(error), fix=fix)


def _numbers(prompt: Prompt) -> Mapping[str, str]:
    return {key: entry.extension for key, entry in prompt.directory.items()}


async def _transport(settings: Settings) -> RtpEndpoint | WebsocketTransport:
    """Return the transport of the settings, started. Raises ``MediaError``, ``ConfigError``."""
    if settings.media.transport == modules.RTP:
        return await _endpoint(settings.media)
    ari = settings.ari
    transport = WebsocketTransport(
        ari.url,
        ari.username,
        ari.password.get_secret_value(),
        ca_file=ari.ca_file,
        timeout_s=ari.timeout_s,
    )
    await transport.start()
    return transport


async def _endpoint(media: MediaSettings) -> RtpEndpoint:
    """Return an endpoint as the settings say; on another port where a receptionist has theirs."""
    if media.per_call_port:
        endpoint = RtpEndpoint(
            host=media.host, advertise=media.advertise, per_call_port=True, ports=media.port_range
        )
        await endpoint.start()
        return endpoint
    made = [
        RtpEndpoint(host=media.host, port=port, advertise=media.advertise)
        for port in (media.port, 0)
    ]
    try:
        await made[0].start()
    except PortInUseError:
        await made[1].start()
        return made[1]
    return made[0]
