"""A real SIP phone that a program holds: it dials, answers, speaks, listens and records.

::

    async with Phone(Account("201", "127.0.0.1:5060", "secret")) as phone:
        call = await phone.dial("bot")
        greeting = await call.listen()
        await call.say(question)
        answer = await call.listen()
        await call.hang_up()
        recording = call.recording()

What it says comes from baresip's ``aufile`` module, which paces itself against absolute deadlines
and is switched at run time; what it said and heard comes from ``sndfile``, which sees the audio
right before the encoder and right after the decoder. Nothing that measures lies in the path.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from bench.baresip import Baresip, PhoneError
from bench.microphone import Microphone
from bench.phone_call import CallFailedError, PhoneCall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

__all__ = [
    "A_LAW",
    "MU_LAW",
    "WIDEBAND",
    "Account",
    "Answering",
    "CallFailedError",
    "Phone",
    "PhoneCall",
    "PhoneError",
]

WIDEBAND = ("G722/16000/1",)
MU_LAW = ("PCMU/8000/1",)
A_LAW = ("PCMA/8000/1",)


@dataclass(frozen=True, slots=True)
class Account:
    """A line of a PBX. ``domain`` is host or host:port; without a password nothing is registered.

    Raises ``ValueError`` for characters that would break out of a SIP address.
    """

    user: str
    domain: str
    password: str = ""
    login: str = ""
    transport: Literal["udp", "tcp"] = "udp"

    def __post_init__(self) -> None:
        for part in (self.user, self.domain, self.password, self.login):
            if any(letter in part for letter in ';<>" \n'):
                raise ValueError(f"account {self.user}: {part!r} cannot stand in a SIP address")

    def uri(self, number: str) -> str:
        """Return the SIP address of ``number`` on this PBX; a whole address is left as it is."""
        if number.startswith(("sip:", "sips:")):
            return number
        return f"sip:{number}@{self.domain};transport={self.transport}"

    def local_address(self) -> str:
        """Return our own address towards the PBX. Raises ``PhoneError`` for an unknown host."""
        host, _, port = self.domain.partition(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((host, int(port or 5060)))
            except OSError as error:
                raise PhoneError(f"{self.domain}: {error}") from error
            return str(probe.getsockname()[0])


@dataclass(frozen=True, slots=True)
class Answering:
    """What the phone does ``after`` seconds of ringing: answer, say it is busy, or ring on."""

    action: Literal["answer", "busy", "ring"] = "answer"
    after: float = 0.0


class Phone:
    """One SIP phone with one line and one call at a time (a second caller hears busy)."""

    def __init__(
        self,
        account: Account,
        *,
        codecs: Sequence[str] = WIDEBAND + MU_LAW,
        answering: Answering | None = None,
        register_within: float = 10.0,
    ) -> None:
        self.answering = answering or Answering()
        self._account = account
        self._codecs = codecs
        self._register_within = register_within
        self._root = Path(tempfile.mkdtemp(prefix="phone-"))
        self._baresip = Baresip(self._root, self._on_event)
        # Where another codec is agreed on, baresip resamples, which costs it 2 dB.
        rate = int(codecs[0].split("/")[1])
        self._microphone = Microphone(self._baresip, self._root, rate=rate)
        self._registered: asyncio.Future[None] | None = None
        self._calls: list[PhoneCall] = []
        self._incoming: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self._ringing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Start, and register if there is a password. Raises ``PhoneError``."""
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def dial(self, number: str, *, within: float = 10) -> PhoneCall:
        """Call ``number`` and return the call once it is answered. Raises ``CallFailedError``."""
        call = await self.ring(number)
        try:
            await call.answered(within=within)
        except BaseException:
            with contextlib.suppress(PhoneError):
                await call.hang_up()
            raise
        return call

    async def ring(self, number: str) -> PhoneCall:
        """Call ``number`` and return the call at once, before anybody answers."""
        call = await self._new_call(number)
        await self._baresip.command("dial", self._account.uri(number))
        return call

    async def called(self, *, within: float = 20) -> PhoneCall:
        """Wait until the phone rings and return that call, each one once. Raises ``PhoneError``."""
        try:
            return await asyncio.wait_for(self._incoming.get(), within)
        except TimeoutError:
            raise PhoneError(f"{self._account.user} did not ring in {within:g} s") from None

    def unplug(self) -> None:
        """Fall silent at once: the PBX is not told, and believes that the phone is there."""
        self._baresip.kill()

    async def close(self) -> None:
        """Hang up, stop and delete everything. Recordings already taken stay valid."""
        for task in self._ringing:
            task.cancel()
        for call in self._calls:
            with contextlib.suppress(PhoneError):
                await call.hang_up()
        await self._baresip.stop()
        for call in self._calls:
            call.release()
        await asyncio.to_thread(shutil.rmtree, self._root, ignore_errors=True)

    async def _start(self) -> None:
        host = await asyncio.to_thread(self._account.local_address)
        self._reset()
        microphone = self._microphone
        await self._baresip.start(host=host, source=microphone.path, rate=microphone.rate)
        self._registered = asyncio.get_running_loop().create_future()
        account = self._account
        line = [f"<sip:{account.user}@{account.domain};transport={account.transport}>"]
        line += [f"audio_codecs={','.join(self._codecs)}", "answermode=manual"]
        line += ["call_transfer=yes", f"regint={300 if account.password else 0}"]
        if account.password:
            line += [f"auth_user={account.login or account.user}", f"auth_pass={account.password}"]
        await self._baresip.command("uanew", ";".join(line))
        if account.password:
            try:
                await asyncio.wait_for(self._registered, self._register_within)
            except TimeoutError:
                raise PhoneError(f"{account.domain} does not answer {account.user}") from None

    async def _new_call(self, number: str) -> PhoneCall:
        if self._calls:
            await self._calls[-1].hang_up()
        await asyncio.to_thread(self._reset)
        return self._add(number)

    def _add(self, number: str) -> PhoneCall:
        call = PhoneCall(self._baresip, self._microphone, self._root, number)
        self._calls.append(call)
        return call

    def _reset(self) -> None:
        """Make a quiet microphone for the next call, and forget the dumps of the last one.

        The last call's recorder has its dumps open: they stay readable there.
        """
        for dump in self._root.glob("dump-*"):
            dump.unlink()
        self._microphone.reset()

    def _on_event(self, event: Mapping[str, Any]) -> None:
        kind, detail = str(event.get("type")), str(event.get("param", ""))
        if kind == "CALL_INCOMING":
            self._reset()
            call = self._add(str(event.get("peeruri", "")))
            self._incoming.put_nowait(call)
            self._respond()
        elif self._registered is not None and not self._registered.done():
            if kind == "REGISTER_OK":
                self._registered.set_result(None)
            elif kind == "REGISTER_FAIL":
                failure = PhoneError(f"{self._account.user}@{self._account.domain}: {detail}")
                self._registered.set_exception(failure)
        if self._calls and kind.startswith("CALL_"):
            self._calls[-1].note(kind, detail)

    def _respond(self) -> None:
        commands = {"answer": "accept", "busy": "hangup"}
        command = commands.get(self.answering.action)
        if command is not None:
            task = asyncio.ensure_future(self._later(self.answering.after, command))
            self._ringing.add(task)
            task.add_done_callback(self._ringing.discard)

    async def _later(self, seconds: float, command: str) -> None:
        await asyncio.sleep(seconds)
        # The caller may have given up meanwhile: then both commands do nothing.
        await self._baresip.command(command)
