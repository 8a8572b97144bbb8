"""The receptionist: every channel that enters the Stasis application is answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from voicebot.apps import names
from voicebot.apps.calls import Call
from voicebot.apps.legs import forgive
from voicebot.apps.switchboard import Switchboard
from voicebot.apps.talks import Talk
from voicebot.ari.messages import Connected
from voicebot.ari.models import StasisStart
from voicebot.errors import AriError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from voicebot.apps.calls import Office
    from voicebot.ari.client import AriClient
    from voicebot.ari.models import Bridge, Channel, Message

_log = structlog.get_logger(__name__)


class Receptionist:
    """Takes calls until it is cancelled; then callers go back to the dialplan.

    ``ari`` is a client that is registered for the application ``app``; ``office`` is what every
    call shares.
    """

    def __init__(self, ari: AriClient, app: str, office: Office) -> None:
        self._ari = ari
        self._app = app
        self._office = office
        self._board = Switchboard()
        self._calls: dict[str, asyncio.Task[None]] = {}

    @property
    def idle(self) -> bool:
        """Whether no call is up."""
        return not self._calls

    async def run(self) -> None:
        """Serve calls. Raises ``ApplicationReplacedError``; a failing call disturbs no other."""
        try:
            async for event in self._ari.events():
                await self._react(event)
                # A call follows its channel from its first step on: before the next event.
                await asyncio.sleep(0)
        finally:
            await self._end_calls()

    async def _react(self, event: Message) -> None:
        awaited = self._board.deliver(event)
        if isinstance(event, Connected):
            await self._reconcile(event)
        elif isinstance(event, StasisStart):
            if not names.is_ours(event.channel.id):
                self._take(event.channel)
            elif not awaited:
                # Answered after its attempt was given up.
                self._start(event.channel.id, forgive(self._ari.channels.hangup(event.channel.id)))

    def _take(self, channel: Channel) -> None:
        """Answer ``channel`` in a task of its own, unless it is being served already."""
        if channel.id in self._calls:
            return
        call = Call(self._ari, self._app, channel, self._board, self._office)
        self._start(channel.id, call.run())

    def _start(self, channel_id: str, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name=f"call {channel_id}")
        self._calls[channel_id] = task
        task.add_done_callback(lambda task: self._done(channel_id, task))

    def _done(self, channel_id: str, task: asyncio.Task[None]) -> None:
        self._calls.pop(channel_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("call failed", channel=channel_id, exc_info=error)

    async def _reconcile(self, connected: Connected) -> None:
        """Bring what is in Asterisk and what is served here together.

        Events of a gap are lost: callers may have come or gone meanwhile. A voicebot that was
        killed leaves callers in silence, and its media channels and bridges behind.
        """
        present = set(connected.application.channel_ids)
        for channel_id, task in self._calls.items():
            if channel_id not in present:
                task.cancel()
        try:
            bridges = await self._ari.bridges.list()
            talking = self._attend_talks(bridges, present, again=connected.again)
            if not connected.again:
                await self._remove_leftovers(bridges, present - talking)
            for channel_id in present - talking - self._calls.keys():
                if not names.is_ours(channel_id):
                    self._take(await self._ari.channels.get(channel_id))
        except AriError as error:
            _log.warning("cannot reconcile with Asterisk", reason=str(error))

    def _attend_talks(
        self, bridges: Sequence[Bridge], present: set[str], *, again: bool
    ) -> set[str]:
        """Attend to talks that nobody attends to; return the channels in all talks.

        They are of a former run, or one of the two hung up while the connection was lost.
        """
        talking: set[str] = set()
        for bridge in bridges:
            if not bridge.id.startswith(names.TALK):
                continue
            channels = [name for name in bridge.channels if name in present]
            talking.update(channels)
            talk = Talk(self._ari, self._board, bridge.id)
            caller = next((name for name in channels if not names.is_ours(name)), bridge.id)
            # An empty bridge of this run is about to be filled.
            if len(channels) == 1 or not (channels or again):
                self._start(bridge.id, talk.end(*channels))
            elif channels and caller not in self._calls:
                self._start(caller, talk.attend(*channels))
        return talking

    async def _remove_leftovers(self, bridges: Sequence[Bridge], idle: set[str]) -> None:
        for channel_id in idle:
            if names.is_ours(channel_id):
                await forgive(self._ari.channels.hangup(channel_id))
        for bridge in bridges:
            if bridge.id.startswith(names.CALL):
                await forgive(self._ari.bridges.destroy(bridge.id))

    async def _end_calls(self) -> None:
        tasks = list(self._calls.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
