"""Everything that voicebot raises on purpose, as one tree.

::

    VoicebotError                      exit code 1
    ├── ConfigError                    2  a setting, prompt file or command line that does not fit
    ├── AriError                       3  Asterisk, as seen through its REST interface
    │   ├── AriConnectionError            nobody answers, TLS does not fit, or the connection broke
    │   │   └── AriSetupError             not mended by waiting: TLS, wrong prefix, ARI off
    │   ├── AriRequestError               Asterisk answered with an error status
    │   │   ├── AriAuthenticationError    401 or 403
    │   │   ├── AriNotFoundError          404: the channel, bridge, … is gone
    │   │   └── AriConflictError          409 or 412: the resource is not in a fitting state
    │   └── ApplicationReplacedError   4  another program took over the Stasis application's name
    ├── MediaError                     5  RTP or websocket audio
    │   ├── PortInUseError                the UDP port is taken
    │   └── MediaUnreachableError         no way between Asterisk and our media address
    ├── ProviderError                  6  speech-to-text, language model or text-to-speech
    │   ├── ProviderTimeoutError          nothing came in time
    │   ├── ProviderRefusedError          401 or 403: the key is wrong
    │   ├── ProviderBusyError             429: over the limit
    │   ├── ProviderFailedError           5xx, or the connection broke
    │   └── ProviderProtocolError         the answer is not what the API promises
    ├── ModelError                     7  local models
    │   ├── ModelMissingError             a file is not there
    │   ├── ModelHashError                a file is not the one that was tested
    │   └── ModelServerError              the model process does not start or died
    ├── CallError                      1  one call; the server goes on
    │   ├── TransferRefusedError          a destination that is not in the directory
    │   └── AnswerLateError               the caller has waited too long
    ├── RecordsError                   8  what is kept: the database and the webhook's spool
    │   ├── RecordsUnavailableError       locked, full, or nobody answers: may pass
    │   ├── RecordsForeignError           a database of something else, or of a newer version
    │   ├── RecordsRefusedError           one event cannot be taken, now or later
    │   ├── RecordsGoneError              whoever took the events wants no more
    │   └── CallUnknownError              no such call is kept
    └── DemoError                      1  a conversation of the demonstration went wrong

Every message names the thing that is wrong and the way out.
"""

from __future__ import annotations

from typing import ClassVar


class VoicebotError(Exception):
    """Base of all errors that voicebot raises on purpose."""

    exit_code: ClassVar[int] = 1


class ConfigError(VoicebotError):
    """A setting, a prompt file or a command line that cannot be used."""

    exit_code = 2


class AriError(VoicebotError):
    """Asterisk's REST interface did not do what was asked."""

    exit_code = 3


class AriConnectionError(AriError):
    """Asterisk is unreachable, its certificate does not fit, or the connection broke."""


class AriSetupError(AriConnectionError):
    """Something is there, but TLS or the HTTP prefix does not fit, or ARI is switched off."""


class AriRequestError(AriError):
    """Asterisk answered a request with an error status."""

    def __init__(self, method: str, path: str, status: int, message: str) -> None:
        super().__init__(f"{method} {path}: {status} {message}")
        self.method = method
        self.path = path
        self.status = status
        self.message = message


class AriAuthenticationError(AriRequestError):
    """The user name or the password is wrong, or the user may only read (401, 403)."""


class AriNotFoundError(AriRequestError):
    """The channel, bridge, playback, … does not exist, or not any more (404)."""


class AriConflictError(AriRequestError):
    """The resource is not in a state that allows the operation (409, 412)."""


class ApplicationReplacedError(AriError):
    """Another connection took over the name of this Stasis application."""

    exit_code = 4


class MediaError(VoicebotError):
    """Audio cannot be received or sent."""

    exit_code = 5


class PortInUseError(MediaError):
    """The UDP port is taken by another program."""


class MediaUnreachableError(MediaError):
    """Asterisk and our media address do not reach each other."""


class ProviderError(VoicebotError):
    """A speech or language provider failed.

    ``stage`` is ``stt``, ``llm`` or ``tts``; ``provider`` is its name in the settings.
    """

    exit_code = 6

    def __init__(self, stage: str, provider: str, message: str) -> None:
        super().__init__(f"{stage} ({provider}): {message}")
        self.stage = stage
        self.provider = provider
        self.message = message


class ProviderTimeoutError(ProviderError):
    """Nothing came within the time allowed."""


class ProviderRefusedError(ProviderError):
    """The key is wrong or not allowed to do this (401, 403)."""


class ProviderBusyError(ProviderError):
    """The provider's limit is reached (429)."""


class ProviderFailedError(ProviderError):
    """The provider answered 5xx, or the connection broke."""


class ProviderProtocolError(ProviderError):
    """The answer is not what the API promises."""


class ModelError(VoicebotError):
    """A local model cannot be used."""

    exit_code = 7


class ModelMissingError(ModelError):
    """A model file is not where it should be."""


class ModelHashError(ModelError):
    """A model file is not the one that was tested: its SHA-256 sum differs."""


class ModelServerError(ModelError):
    """The process that serves the local models does not start, or died."""


class CallError(VoicebotError):
    """One call cannot go on as planned; the server goes on."""


class TransferRefusedError(CallError):
    """The destination is not a key of the directory."""


class AnswerLateError(CallError):
    """The caller has waited too long for something to be said."""

    def __init__(self, waited_s: float) -> None:
        super().__init__(
            f"nothing to say to a caller who has waited {waited_s:g} s"
            " (receptionist.hand_over_s); look for the slow provider in the log"
        )


class RecordsError(VoicebotError):
    """What should be kept cannot be."""

    exit_code = 8


class RecordsUnavailableError(RecordsError):
    """The database is locked, full or not there; a later attempt may succeed.

    ``retry_after_s`` is when the other side wants to be asked again, if it said so.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RecordsForeignError(RecordsError):
    """The database belongs to something else, or to a newer voicebot."""


class RecordsRefusedError(RecordsError):
    """An event that will never be taken; those after it may be."""


class RecordsGoneError(RecordsError):
    """Whoever took the events is gone for good."""


class CallUnknownError(RecordsError):
    """No call with that id is kept."""


class DemoError(VoicebotError):
    """A conversation of the demonstration did not go as it is scripted."""
