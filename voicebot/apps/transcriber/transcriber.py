"""The sidecar: follows the PBX and transcribes the calls that are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from voicebot.apps import names
from voicebot.apps.legs import forgive
from voicebot.apps.transcriber.facts import facts_of
from voicebot.apps.transcriber.memory import Refusal, recall
from voicebot.apps.transcriber.notebook import Notebook
from voicebot.apps.transcriber.policy import Policy, mark_of
from voicebot.apps.transcriber.recovery import holders, remove_leftovers, take_stock, warn
from voicebot.apps.transcriber.register import Ask, Begin, End, Forget, Join, Leave, Register
from voicebot.apps.transcriber.tracker import EVENTS, Tracker
from voicebot.apps.transcriber.transcription import Transcription
from voicebot.ari.messages import Connected
from voicebot.ari.models import (
    ApplicationReplaced,
    ChannelDtmfReceived,
    ChannelVarset,
    PlaybackFinished,
    StasisStart,
)
from voicebot.call.tasks import Tasks
from voicebot.errors import AriError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicebot.apps.transcriber.consent import Discretion
    from voicebot.apps.transcriber.register import Order
    from voicebot.apps.transcriber.studio import Studio
    from voicebot.ari.models import Channel, Message
    from voicebot.config import TranscribeSettings

_log = structlog.get_logger(__name__)

# What the application asks to be told: a busy PBX has hundreds of other events a second.
_WANTED: Final = (
    *EVENTS,
    ApplicationReplaced,
    ChannelDtmfReceived,
    ChannelVarset,
    PlaybackFinished,
    StasisStart,
)
# Longest wait for the texts of what was heard, when the program is told to stop.
_STOP_S: Final = 8.0


class Transcriber:
    """Transcribes until it is cancelled; no call ever notices.

    ``studio.ari`` is a client with ``subscribe_all``; ``discretion`` is ``studio.sink``.
    """

    def __init__(
        self, studio: Studio, settings: TranscribeSettings, discretion: Discretion
    ) -> None:
        self._studio = studio
        self._settings = settings
        self._discretion = discretion
        self._policy = Policy(settings)
        self._tracker = Tracker()
        self._notebook = Notebook()
        self._register = Register(self._policy, self._notebook)
        self._calls: dict[str, Transcription] = {}
        self._refusals: dict[str, str] = {}
        self._tasks = Tasks(_failed)

    @property
    def idle(self) -> bool:
        """Whether nothing is being transcribed."""
        return not self._calls

    async def run(self) -> None:
        """Follow the PBX. Raises ``ApplicationReplacedError``, and ``AriError`` at the first look.

        When cancelled, what was heard is still written down, within bounded time.
        """
        try:
            async for event in self._studio.ari.events():
                await self._react(event)
        finally:
            await self._stop()

    async def _react(self, event: Message) -> None:
        self._studio.board.deliver(event)
        match event:
            case Connected(again=again):
                await self._reconcile(again=again)
            case ChannelDtmfReceived(digit=digit) if digit == self._settings.opt_out:
                self._opt_out(event.channel.id)
            case ChannelVarset(variable=variable, channel=channel) if channel is not None:
                if variable.lstrip("_") != self._settings.variable:
                    return
                self._notebook.mark(channel.id, mark_of(event.value))
            case StasisStart(channel=channel) if not names.is_ours(channel.id):
                self._tasks.start(self._send_on(channel))
                return
            case _:
                if not self._tracker.note(event):
                    return
        self._settle()

    def _settle(self) -> None:
        """Bring what is transcribed and what is to be transcribed together."""
        self._obey(self._register.settle(self._tracker.talks(), self._tracker.present))
        for call in self._calls.values():
            call.hush(self._register.hushed)

    def _obey(self, orders: Iterable[Order]) -> None:
        for order in orders:
            match order:
                case Ask(channel=channel):
                    self._tasks.start(self._ask(channel))
                case Begin(call=name):
                    self._calls[name] = Transcription(self._studio, order)
                case Join(call=name):
                    self._calls[name].join(order)
                case Leave(call=name, channel_id=channel_id):
                    self._calls[name].leave(channel_id)
                case End(call=name, reason=reason):
                    self._tasks.start(self._calls.pop(name).end(reason))
                case Forget(call=name) if name in self._refusals:
                    bridge_id = self._refusals.pop(name)
                    self._tasks.start(forgive(self._studio.ari.bridges.destroy(bridge_id)))

    async def _ask(self, channel: Channel) -> None:
        try:
            facts = await facts_of(self._studio.ari, channel, self._settings.variable)
        except AriError as error:
            # Whoever may have said no is not heard; the next event asks again.
            _log.warning("channel is not known yet", channel=channel.id, reason=str(error))
            self._notebook.forgo(channel.id)
            return
        self._notebook.learn(channel.id, facts)
        self._settle()

    async def _send_on(self, channel: Channel) -> None:
        """Mark a channel that the dialplan sent to us, and give it back at once."""
        channels = self._studio.ari.channels
        await forgive(
            channels.set_channel_var(channel.id, variable=self._settings.variable, value="yes")
        )
        await forgive(channels.continue_in_dialplan(channel.id))

    def _opt_out(self, channel_id: str) -> None:
        """End the transcription of a call for good, because one of its people wishes so."""
        name = self._register.call_of(channel_id)
        if name is None:
            return
        self._discretion.keep(name)
        refusal = Refusal(name, self._register.members(name))
        self._obey(self._register.stop(name, "opted out"))
        # So that a later run knows it too.
        bridge_id = self._refusals[name] = names.new(names.ear(self._studio.app))
        bridges = self._studio.ari.bridges
        self._tasks.start(
            forgive(bridges.create_with_id(bridge_id, type="mixing", name=str(refusal)))
        )

    async def _reconcile(self, *, again: bool) -> None:
        """Take the PBX as it is now: events of a gap are lost."""
        try:
            channels, bridges = await take_stock(self._studio, _WANTED)
        except AriError as error:
            if not again:
                raise
            # The connection that has just come back may break at once; the next one tries again.
            _log.warning("cannot reconcile with Asterisk", reason=str(error))
            return
        self._tracker.load(channels, bridges)
        self._tracker.hold(await holders(self._studio, self._tracker.talks()))
        if not again:
            await warn(self._studio, self._policy)
            memory = recall(bridges, self._studio.app, self._tracker.present)
            self._refusals = dict(memory.refusals)
            self._notebook.recall(memory.calls, self._refusals)
        mine = {it for call in self._calls.values() for it in call.ids}
        mine.update(self._refusals.values())
        self._tasks.start(remove_leftovers(self._studio, channels, bridges, mine))
        if not again:
            _log.info("transcriber ready", app=self._studio.app, select=self._settings.select)

    async def _stop(self) -> None:
        for name in list(self._calls):
            self._tasks.start(self._calls.pop(name).end("stopped"))
        if not await self._tasks.finish(_STOP_S):
            _log.warning("stopped before everything that was heard is written down")


def _failed(error: Exception) -> None:
    _log.error("transcription failed", exc_info=error)
