"""Calling somebody: ``originate``, ``create`` and ``dial``, and what the dialplan does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicebot.sim import bridging, calls
from voicebot.sim.channel import Channel, Party, Position, SilentLeg
from voicebot.sim.dialplan import DIAL_STATUS, FAILURES, Phone, StasisExtension
from voicebot.sim.legs import PhoneLeg, PipeLeg
from voicebot.sim.refusal import Refusal, allocation_failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.sim.agenda import Appointment
    from voicebot.sim.channel import ChannelState, Leg
    from voicebot.sim.dialplan import Extension
    from voicebot.sim.exchange import Exchange

_RINGS_AFTER = 0.02
"""Seconds that a phone takes to say that it rings."""


def new_channel(
    exchange: Exchange,
    name: str,
    leg: Leg,
    *,
    channel_id: str = "",
    caller: Party,
    state: ChannelState = "Down",
) -> Channel:
    """Make and register a channel. Raises ``Refusal`` 409 when the id is taken."""
    channel = Channel(
        channel_id or exchange.new_id(), name, exchange.hub.timestamp(), leg, state, caller
    )
    channel.position.context = exchange.context
    return calls.register(exchange, channel)


@dataclass(eq=False, slots=True)
class Attempt:
    """Dialling ``channel`` once, as Asterisk reports it with ``Dial`` events.

    ``proceed`` starts it and later calls ``ringing``, and then one of ``answered`` and ``failed``.
    """

    exchange: Exchange
    channel: Channel
    dialstring: str
    start: Callable[[Attempt], None]
    caller: Channel | None = None
    on_ringing: Callable[[], None] = lambda: None
    on_answered: Callable[[], None] = lambda: None
    appointments: list[Appointment] = field(default_factory=list)
    over: bool = False

    def proceed(self, timeout: float | None) -> None:
        """Dial; give up after ``timeout`` seconds, never when it is ``None``.

        Nothing happens when the channel has ended in the meantime.
        """
        if self.exchange.channels.get(self.channel.id) is not self.channel:
            return
        self.channel.ended.append(self._stop)
        self._report("")
        if timeout is not None:
            self.later(timeout, lambda: self.failed(19, ""))
        self.start(self)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do ``action`` after ``seconds`` unless the attempt is over by then."""
        self.appointments.append(self.exchange.agenda.after(seconds, action))

    def ringing(self) -> None:
        """Note that the other side rings."""
        if self.channel.state == "Down":
            calls.set_state(self.exchange, self.channel, "Ringing")
            self._report("RINGING")
            self.on_ringing()

    def answered(self) -> None:
        """Note that the other side has answered."""
        self._stop()
        calls.set_state(self.exchange, self.channel, "Up")
        self._report("ANSWER")
        self.on_answered()

    def failed(self, cause: int, status: str) -> None:
        """Note that the other side is not to be had: the channel ends with ``cause``."""
        if self.over:
            return
        self._stop()
        if status:
            self._report(status)
        calls.hang_up(self.exchange, self.channel, cause, requested=cause)

    def _stop(self, _cause: int = 0) -> None:
        self.over = True
        for appointment in self.appointments:
            appointment.cancel()
        self.appointments.clear()

    def _report(self, status: str) -> None:
        fields = {
            "dialstatus": status,
            "forward": "",
            "dialstring": self.dialstring,
            "peer": self.channel.describe(),
        }
        watchers = set(self.channel.watchers)
        if self.caller is not None:
            fields["caller"] = self.caller.describe()
            watchers |= self.caller.watchers
        self.exchange.hub.publish("Dial", watchers, fields)


def prepare(
    exchange: Exchange, endpoint: str, *, channel_id: str, caller: Party, other_id: str = ""
) -> Attempt:
    """Make the channel that ``endpoint`` names, not dialled yet.

    Raises ``Refusal``: 400 for what is no endpoint, 409 for a taken id, 500 for an endpoint that
    the technology cannot dial.
    """
    technology, slash, resource = endpoint.partition("/")
    if not slash or not resource:
        raise Refusal(400, "Invalid endpoint specified")
    if channel_id in exchange.channels:
        raise Refusal(409, "Channel with given unique ID already exists")
    if technology == "Local":
        return _prepare_local(exchange, resource, channel_id, caller, other_id)
    phone = exchange.dialplan.get(resource)
    if technology != "PJSIP" or not isinstance(phone, Phone) or phone.outcome == "offline":
        raise allocation_failed()
    return _prepare_phone(exchange, resource, phone, channel_id=channel_id, caller=caller)


def _prepare_phone(
    exchange: Exchange, number: str, phone: Phone, *, channel_id: str = "", caller: Party
) -> Attempt:
    name = f"PJSIP/{number}-{exchange.number():08x}"
    channel = new_channel(exchange, name, SilentLeg(), channel_id=channel_id, caller=caller)
    channel.wideband = phone.wideband
    return Attempt(exchange, channel, number, lambda attempt: _ring(attempt, phone))


def _ring(attempt: Attempt, phone: Phone) -> None:
    """Let the phone do what its outcome says."""
    attempt.later(_RINGS_AFTER, attempt.ringing)
    if phone.outcome == "answers":
        attempt.later(_RINGS_AFTER + phone.after, lambda: _pick_up(attempt, phone))
    elif phone.outcome != "never":
        cause, status = FAILURES[phone.outcome]
        attempt.later(_RINGS_AFTER + phone.after, lambda: attempt.failed(cause, status))


def _pick_up(attempt: Attempt, phone: Phone) -> None:
    exchange, channel = attempt.exchange, attempt.channel
    channel.leg = PhoneLeg(phone)
    if phone.hangs_up_after is not None:
        exchange.agenda.after(phone.hangs_up_after, lambda: calls.hang_up(exchange, channel))
    attempt.answered()


def _prepare_local(
    exchange: Exchange, resource: str, channel_id: str, caller: Party, other_id: str
) -> Attempt:
    """Make both halves of a Local channel; the second one runs the dialplan when it is dialled."""
    extension, _, context = resource.removesuffix("/n").partition("@")
    number = f"{exchange.number():08x}"
    near_leg, far_leg = PipeLeg.pair()
    name = f"Local/{extension}@{context or 'default'}-{number}"
    near = new_channel(exchange, f"{name};1", near_leg, channel_id=channel_id, caller=caller)
    far_id = other_id or f"{near.id};2"
    far = new_channel(exchange, f"{name};2", far_leg, channel_id=far_id, caller=caller)
    far.state = "Ring"
    near.relatives.append(far)
    far.relatives.append(near)
    for half in (near, far):
        half.position = Position(context, extension)

    def start(attempt: Attempt) -> None:
        reachable = exchange.dialplan if context == exchange.context else {}
        if extension not in reachable:
            calls.hang_up(exchange, near, 0, requested=0)
            return
        far.ended.append(lambda cause: attempt.failed(cause, DIAL_STATUS.get(cause, "")))
        run(exchange, far, extension, on_ringing=attempt.ringing, on_answered=attempt.answered)

    return Attempt(exchange, near, f"{extension}@{context}", start)


def run(
    exchange: Exchange,
    channel: Channel,
    extension: str,
    *,
    on_ringing: Callable[[], None] = lambda: None,
    on_answered: Callable[[], None] = lambda: None,
) -> None:
    """Let ``channel`` run the dialplan from ``extension``; where there is none, it ends."""
    channel.position = Position(exchange.context, extension)
    target = exchange.dialplan.get(extension)
    execute(exchange, channel, target, on_ringing=on_ringing, on_answered=on_answered)


def execute(
    exchange: Exchange,
    channel: Channel,
    target: Extension | None,
    *,
    on_ringing: Callable[[], None] = lambda: None,
    on_answered: Callable[[], None] = lambda: None,
) -> None:
    """Let ``channel`` do what is written at an extension."""
    if isinstance(target, StasisExtension):
        calls.set_state(exchange, channel, "Up")
        on_answered()
        channel.fallback = target.fallback
        if not calls.enter_stasis(exchange, channel, target.app, target.args):
            proceed(exchange, channel)
    elif isinstance(target, Phone):
        _dial_from(exchange, channel, target, on_ringing=on_ringing, on_answered=on_answered)
    else:
        calls.hang_up(exchange, channel, 0, requested=0)


def proceed(exchange: Exchange, channel: Channel) -> None:
    """Let ``channel`` go on behind ``Stasis``."""
    if channel.fallback:
        run(exchange, channel, channel.fallback)
    else:
        calls.hang_up(exchange, channel)


def _dial_from(
    exchange: Exchange,
    channel: Channel,
    phone: Phone,
    *,
    on_ringing: Callable[[], None],
    on_answered: Callable[[], None],
) -> None:
    """Do ``Dial(PJSIP/extension)``: ring the caller back, bridge on answer, end on failure."""
    extension = channel.position.exten
    channel.position.app_name = "Dial"
    channel.position.app_data = f"PJSIP/{extension}"
    if phone.outcome == "offline":
        cause, _ = FAILURES["offline"]
        exchange.agenda.after(_RINGS_AFTER, lambda: calls.hang_up(exchange, channel, cause))
        return
    attempt = _prepare_phone(exchange, extension, phone, caller=Party(extension))
    attempt.caller = channel
    callee = attempt.channel
    callee.connected, channel.connected = channel.caller, callee.caller
    callee.linked_id = channel.linked_id or channel.id

    def ringing() -> None:
        # A Local channel passes the signal on, not the tone.
        channel.indication = "" if isinstance(channel.leg, PipeLeg) else "ringing"
        on_ringing()

    def answered() -> None:
        calls.set_state(exchange, channel, "Up")
        _connect(exchange, channel, callee)
        on_answered()

    attempt.on_ringing, attempt.on_answered = ringing, answered
    callee.ended.append(lambda cause: calls.hang_up(exchange, channel, cause))
    channel.ended.append(lambda _cause: calls.hang_up(exchange, callee))
    attempt.proceed(None)


def _connect(exchange: Exchange, caller: Channel, callee: Channel) -> None:
    """Bridge the two for as long as both last."""
    bridge = bridging.create(exchange, f"basic-{exchange.number()}", bridge_class="basic")
    for channel in (callee, caller):
        bridging.join(exchange, bridge, channel)
        channel.ended.append(lambda _cause: bridging.destroy(exchange, bridge))
