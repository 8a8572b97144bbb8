"""Reaching a colleague."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from voicebot.apps import names
from voicebot.apps.legs import forgive
from voicebot.ari.models import ChannelDestroyed, Dial, StasisStart
from voicebot.call.report import TransferOutcome
from voicebot.errors import AriError, AriRequestError

if TYPE_CHECKING:
    from voicebot.apps.switchboard import Switchboard
    from voicebot.ari.client import AriClient
    from voicebot.ari.models import Channel, Message
    from voicebot.config import ReceptionistSettings

_log = structlog.get_logger(__name__)

# Q.850 causes, as ChannelDestroyed tells them, and DIALSTATUS, as Dial does. A dialplan's Busy()
# gives the status only.
_BY_CAUSE = {
    17: TransferOutcome.BUSY,
    18: TransferOutcome.NO_ANSWER,
    19: TransferOutcome.NO_ANSWER,
    21: TransferOutcome.REFUSED,
}
_BY_STATUS = {"BUSY": TransferOutcome.BUSY, "NOANSWER": TransferOutcome.NO_ANSWER}
# Asterisk ends a dial at its timeout by itself; ours only catches a PBX that does not.
_GRACE_S = 3.0


class Transfers:
    """Transfers one caller, by ringing a colleague or by handing the caller to the dialplan."""

    def __init__(
        self,
        ari: AriClient,
        app: str,
        caller: Channel,
        *,
        board: Switchboard,
        settings: ReceptionistSettings,
    ) -> None:
        self._ari = ari
        self._app = app
        self._caller = caller
        self._board = board
        self._settings = settings
        self.colleague: str | None = None
        """The channel that answered, once one did."""

    async def __call__(self, extension: str) -> TransferOutcome:
        """Ring ``extension`` until it answers or not; cancelling hangs up on it."""
        if self._settings.hand_back is not None:
            return await self._hand_back(extension, self._settings.hand_back)
        if self.colleague is not None:
            # Answered just as that attempt was taken back.
            await forgive(self._ari.channels.hangup(channel_id=self.colleague))
            self.colleague = None
        channel_id = names.new(names.DIAL)
        with self._board.follow(channel_id) as events:
            try:
                async with asyncio.timeout(self._settings.ring_s + _GRACE_S):
                    await self._dial(channel_id, extension)
                    outcome = await _outcome(events)
            except AriError as error:
                _log.warning("cannot be dialled", extension=extension, reason=str(error))
                if not isinstance(error, AriRequestError):
                    # Only the answer may have been lost, and the phone rings.
                    await forgive(self._ari.channels.hangup(channel_id=channel_id))
                return TransferOutcome.FAILED
            except TimeoutError:
                outcome = TransferOutcome.NO_ANSWER
                await forgive(self._ari.channels.hangup(channel_id=channel_id))
            except asyncio.CancelledError:
                await forgive(self._ari.channels.hangup(channel_id=channel_id))
                raise
        if outcome is TransferOutcome.ANSWERED:
            self.colleague = channel_id
        return outcome

    async def _dial(self, channel_id: str, extension: str) -> None:
        caller = self._caller.caller
        await self._ari.channels.originate(
            endpoint=self._settings.dial.format(extension=extension),
            channel_id=channel_id,
            app=self._app,
            caller_id=f'"{caller.name}" <{caller.number}>' if caller.number else None,
            timeout=round(self._settings.ring_s),
            originator=self._caller.id,
        )

    async def _hand_back(self, extension: str, place: str) -> TransferOutcome:
        context, exten, *priority = place.format(extension=extension).split(",")
        try:
            await self._ari.channels.continue_in_dialplan(
                channel_id=self._caller.id,
                context=context,
                extension=exten,
                priority=int(priority[0]) if priority else 1,
            )
        except AriError as error:
            _log.warning("cannot be handed back", place=place, reason=str(error))
            return TransferOutcome.FAILED
        return TransferOutcome.ANSWERED


async def _outcome(events: asyncio.Queue[Message]) -> TransferOutcome:
    outcome = TransferOutcome.FAILED
    while True:
        event = await events.get()
        if isinstance(event, StasisStart):
            return TransferOutcome.ANSWERED
        if isinstance(event, Dial):
            outcome = _BY_STATUS.get(event.dialstatus, outcome)
        if isinstance(event, ChannelDestroyed):
            return _BY_CAUSE.get(event.cause, outcome)
