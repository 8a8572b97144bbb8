"""One call of the receptionist's, from entering Stasis to leaving it."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from voicebot.apps.legs import Leg, forgive
from voicebot.apps.talks import Talk
from voicebot.apps.transfers import Transfers
from voicebot.ari.models import ChannelDestroyed, ChannelDtmfReceived, StasisEnd
from voicebot.call.conversation import Conversation
from voicebot.call.report import CallOver, Ending, TransferOutcome
from voicebot.call.waiting import Waiting
from voicebot.errors import AriError, AriNotFoundError, VoicebotError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from voicebot.apps.switchboard import Switchboard
    from voicebot.ari.client import AriClient
    from voicebot.ari.models import Channel, Message
    from voicebot.call.common import Providers
    from voicebot.call.report import Reporter
    from voicebot.call.speculation import Limits
    from voicebot.call.waiting import Colleagues
    from voicebot.config import Settings
    from voicebot.media.stream import MediaStream, MediaTransport
    from voicebot.speech.prompt import Prompt
    from voicebot.turns.opinions import SecondOpinion

_log = structlog.get_logger(__name__)

# A phone that sends nothing while nobody speaks is possible, and rare: worth a line, no more.
_DEAF_S = 5.0
_DEAF_ADVICE = (
    "media.host, or media.advertise, must be an address at which the PBX reaches this machine, and "
    "UDP must pass the firewalls; run: voicebot doctor"
)


@dataclass(frozen=True, slots=True)
class Office:
    """What all calls share. ``watch(channel)`` returns who is told what happens in a call.

    ``colleagues`` knows who is free; without it everybody is simply tried.
    """

    settings: Settings
    prompt: Prompt
    providers: Providers
    transport: MediaTransport
    wall_clock: Callable[[], datetime]
    watch: Callable[[Channel], Reporter]
    limits: Limits
    opinions: Sequence[SecondOpinion] = ()
    colleagues: Colleagues | None = None


class Call:
    """A caller, the leg that joins it to us, and the conversation."""

    def __init__(
        self, ari: AriClient, app: str, caller: Channel, board: Switchboard, office: Office
    ) -> None:
        self._ari = ari
        self._caller = caller
        self._board = board
        self._office = office
        self._leg = Leg(ari, app, caller.id, board)
        self._dial = Transfers(ari, app, caller, board=board, settings=office.settings.receptionist)
        self._talk = Talk(ari, board)
        self._report = office.watch(caller)
        self._stream: MediaStream | None = None
        self._conversation: Conversation | None = None
        self._pressed: list[str] = []
        self._gone = False
        self._log = _log.bind(channel=caller.id)

    async def run(self) -> None:
        """Serve the call and leave nothing of ours behind, whatever happens."""
        ending = None
        over = CallOver(None)
        with self._board.follow(self._caller.id) as events:
            try:
                ending = await self._until_either_ends(events)
                over = CallOver(ending, hung_up=ending is None)
                self._log.info("call over", ending=ending or "caller hung up")
            except AriNotFoundError:
                # Gone between two requests of the set-up: nobody is left to serve.
                over = CallOver(None, hung_up=True)
                self._log.info("call over", ending="caller hung up")
            except VoicebotError as error:
                over = CallOver(Ending.FAILED)
                self._log.error("call cannot be served", reason=str(error), advice=_advice(error))
            finally:
                self._report(over)
                # Shielded: a second cancellation must not leave half of it in Asterisk.
                await asyncio.shield(self._leave(ending))
        if ending is Ending.TRANSFERRED and self._dial.colleague is not None:
            await self._talk.attend(self._caller.id, self._dial.colleague)

    async def _until_either_ends(self, events: asyncio.Queue[Message]) -> Ending | None:
        """Return how the conversation ended, or ``None`` when the caller hung up."""
        serve = asyncio.create_task(self._serve())
        watch = asyncio.create_task(self._watch(events))
        try:
            await asyncio.wait({serve, watch}, return_when=asyncio.FIRST_COMPLETED)
            return serve.result() if serve.done() else None
        finally:
            serve.cancel()
            watch.cancel()
            await asyncio.gather(serve, watch, return_exceptions=True)

    async def _serve(self) -> Ending:
        office = self._office
        stream = self._stream = await self._leg.join(office.transport)
        self._conversation = Conversation(
            stream,
            office.providers,
            office.prompt,
            turns=office.settings.turns,
            limits=office.limits,
            filler_s=office.settings.receptionist.filler_ms / 1000,
            hand_over_s=office.settings.receptionist.hand_over_s,
            transfer=self._transfer,
            rings=office.settings.receptionist.while_ringing == "ringing",
            waiting=self._waiting(),
            report=self._report,
            wall_clock=office.wall_clock,
            opinions=office.opinions,
        )
        doubt = asyncio.get_running_loop().call_later(_DEAF_S, self._doubt, stream)
        try:
            return await self._conversation.run(pressed=self._pressed)
        finally:
            doubt.cancel()

    def _doubt(self, stream: MediaStream) -> None:
        """Say so when nothing of the caller's has come: it hears us, and is not heard."""
        found = stream.statistics()
        if not found.received and not found.unheard:
            self._log.warning("no audio from asterisk", after_s=_DEAF_S, advice=_DEAF_ADVICE)

    def _waiting(self) -> Waiting | None:
        colleagues = self._office.colleagues
        if colleagues is None:
            return None
        longest_s = self._office.settings.receptionist.wait_s
        return Waiting(colleagues, longest_s=longest_s, music=self._leg.hold)

    async def _watch(self, events: asyncio.Queue[Message]) -> None:
        """Pass digits on until the caller is gone; keep those that come before there is to whom."""
        while not self._gone:
            event = await events.get()
            if isinstance(event, ChannelDtmfReceived):
                self._press(event.digit)
            self._gone = isinstance(event, StasisEnd | ChannelDestroyed)

    def _press(self, digit: str) -> None:
        if self._conversation is None:
            self._pressed.append(digit)
        else:
            self._conversation.press(digit)

    async def _transfer(self, extension: str) -> TransferOutcome:
        music = self._office.settings.receptionist.while_ringing == "music"
        async with self._leg.music() if music else nullcontext():
            outcome = await self._dial(extension)
        if outcome is not TransferOutcome.ANSWERED or self._dial.colleague is None:
            return outcome
        try:
            await self._talk.connect(self._caller.id, self._dial.colleague)
        except AriError as error:
            self._log.error("the two cannot be connected", reason=str(error))
            await self._talk.end(self._dial.colleague)
            return TransferOutcome.FAILED
        return outcome

    async def _leave(self, ending: Ending | None) -> None:
        """Take the leg apart; the caller is hung up, left in its talk, or given back."""
        await self._leg.close()
        if self._stream is not None:
            self._log.info("caller heard", **self._stream.statistics().summary())
        if ending is Ending.TRANSFERRED:
            return
        if self._dial.colleague is not None:
            # Who answered just as the call ended otherwise would be left in silence.
            await self._talk.end(self._dial.colleague)
        if self._gone:
            return
        if ending is None:
            # Stopped or failed: what follows Stasis in the dialplan is the office's fallback.
            await forgive(self._ari.channels.continue_in_dialplan(self._caller.id))
        else:
            await forgive(self._ari.channels.hangup(self._caller.id))


def _advice(error: VoicebotError) -> str:
    """Return what the doctor would say; it is only asked when there is trouble."""
    from voicebot.apps.doctor.advice import advice_for  # noqa: PLC0415

    return advice_for(error) if isinstance(error, AriError) else ""
