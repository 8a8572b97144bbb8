"""Everything that can be set, with its default, its limits and what it means.

``voicebot.loading`` reads it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from pydantic_settings.sources import PydanticBaseSettingsSource

PREFIX = "VOICEBOT_"

LAST_PORT = 65535

Level = Literal["debug", "info", "warning", "error"]
Provider = Literal["auto", "openai", "local", "scripted"]
SpeechProvider = Literal["auto", "openai", "local"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AriSettings(_Section):
    """How to reach Asterisk's REST interface."""

    url: str = Field(
        "http://127.0.0.1:8088",
        pattern=r"^https?://[^/]+",
        description="Base URL, with the HTTP prefix if there is one (MikoPBX: http://PBX:8088/asterisk)",
    )
    username: str = Field("", description="ARI user")
    password: SecretStr = Field(SecretStr(""), description="ARI password")
    app: str = Field("voicebot", min_length=1, description="Name of the Stasis application")
    ca_file: Path | None = Field(None, description="Private certificate authority (PEM)")
    timeout_s: float = Field(5.0, gt=0, description="Longest wait for one answer of Asterisk's")


class MediaSettings(_Section):
    """Where audio comes in and goes out."""

    transport: Literal["rtp", "websocket"] = Field(
        "rtp", description="How audio travels between Asterisk and voicebot"
    )
    host: str = Field("127.0.0.1", description="Address that the RTP socket binds")
    port: int = Field(0, ge=0, le=LAST_PORT, description="UDP port; 0 takes a free one")
    advertise: str | None = Field(
        None,
        description="Address that Asterisk sends to, if not host (NAT, containers)",
    )
    per_call_port: bool = Field(False, description="A UDP port of its own for each call")
    ports: str | None = Field(
        None, description="Those ports, FIRST-LAST, where a firewall asks for it; else any free one"
    )
    max_delay_ms: int = Field(
        80, ge=0, le=500, description="Longest wait for a packet that is out of order"
    )

    @property
    def port_range(self) -> range:
        """The UDP ports of ``per_call_port``; 0 for any free one."""
        if self.ports is None:
            return range(1)
        first, _, last = self.ports.partition("-")
        return range(int(first), int(last) + 1)

    @field_validator("per_call_port")
    @classmethod
    def _has_no_port(cls, per_call_port: bool, info: ValidationInfo) -> bool:
        if per_call_port and info.data.get("port"):
            raise ValueError(
                "media.port is the one port of all calls: leave it out, and name the calls' own"
                " with media.ports"
            )
        return per_call_port

    @field_validator("ports")
    @classmethod
    def _is_range(cls, ports: str | None, info: ValidationInfo) -> str | None:
        if ports is None:
            return None
        found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", ports)
        if not found or not 0 < int(found[1]) <= int(found[2]) <= LAST_PORT:
            raise ValueError("UDP ports are FIRST-LAST, such as 10000-10199")
        if info.data.get("per_call_port") is False:
            raise ValueError(
                "set media.per_call_port = true; all calls share media.port without it"
            )
        return ports


class _ProviderSettings(_Section):
    base_url: str | None = Field(None, description="OpenAI-compatible base URL, ending in /v1")
    api_key: SecretStr | None = Field(None, description="Key; OPENAI_API_KEY when not set")
    model: str | None = Field(None, description="Model name at the provider")
    timeout_s: float = Field(10.0, gt=0, description="Longest wait for the first result")
    retries: int = Field(1, ge=0, le=5, description="Repeats of a request that may be repeated")


class SttSettings(_ProviderSettings):
    """Speech to text."""

    provider: SpeechProvider = Field("auto", description="auto: openai with a key, else local")
    fallback: Literal["none", "openai", "local"] = Field(
        "none", description="Takes over on failure"
    )


class LlmSettings(_ProviderSettings):
    """Language model."""

    provider: Provider = Field("auto", description="auto: openai with a key, else scripted")
    fallback: Literal["none", "openai", "local", "scripted"] = Field(
        "none", description="Takes over on failure"
    )
    temperature: float = Field(0.3, ge=0, le=2, description="Sampling temperature")
    max_tokens: int = Field(300, ge=1, description="Longest reply, in tokens")


class TtsSettings(_ProviderSettings):
    """Text to speech."""

    provider: SpeechProvider = Field("auto", description="auto: openai with a key, else local")
    fallback: Literal["none", "openai", "local"] = Field(
        "none", description="Takes over on failure"
    )
    voice: str | None = Field(None, description="Voice name at the provider")
    speed: float = Field(1.0, ge=0.25, le=4, description="Speaking rate")
    cache: Path = Field(
        Path("~/.cache/voicebot/speech"), description="Folder for synthesised fixed sentences"
    )


class ModelsSettings(_Section):
    """The process that serves the local models."""

    host: str = Field("127.0.0.1", description="Address that the model server binds")
    port: int = Field(0, ge=0, le=65535, description="TCP port; 0 takes a free one")
    threads: int = Field(2, ge=1, description="Threads of one recognition or completion")
    nice: int = Field(5, ge=0, le=19, description="Niceness of the process")
    whisper_en: Path | None = Field(None, description="CTranslate2 Whisper for English (folder)")
    whisper: Path | None = Field(None, description="The same for other languages")
    second_hearing: bool = Field(
        True,
        description="Whether that one and Moonshine hear what is said in English over the bot, too",
    )
    piper: dict[str, Path] = Field(
        default_factory=dict,
        description="Piper voices (.onnx) by language",
    )
    gguf: Path | None = Field(None, description="GGUF file of the chat model")
    context: int = Field(4096, ge=512, description="Context of the chat model, in tokens")


class TurnSettings(_Section):
    """When the caller has finished, and when the bot yields."""

    pause_ms: int = Field(100, ge=40, le=1000, description="Silence that starts transcription")
    sentence_ms: int = Field(
        330, ge=60, le=3000, description="Silence that ends a turn after a finished sentence"
    )
    likely_ms: int = Field(
        640, ge=60, le=4000, description="The same where the sentence is probably finished"
    )
    unsure_ms: int = Field(1300, ge=60, le=5000, description="The same where it probably goes on")
    open_ms: int = Field(1950, ge=100, le=10_000, description="The same after an open clause")
    longest_s: float = Field(60.0, gt=1, description="A turn is ended after this much speech")
    silence_s: float = Field(8.0, gt=1, description="Silence after which the caller is asked again")
    end_of_turn: Literal["words", "smart-turn"] = Field(
        "words", description="What tells whether the caller has finished, beside the recogniser"
    )
    second_opinion: Literal["none", "silero"] = Field(
        "none", description="Who confirms a start of speech; `silero` refuses most music, too"
    )
    barge_in: bool = Field(True, description="Whether the caller can interrupt the bot")


class SpeculationSettings(_Section):
    """How much is prepared that may turn out to be in vain."""

    per_turn: int = Field(
        5, ge=0, description="Answers drafted within one turn, before it has ended; 0: none"
    )
    at_once: int = Field(4, ge=1, description="Drafts under way at once, over all calls")
    ahead_s: float = Field(
        6.0, gt=0, description="No clause is synthesised while so much speech waits to be heard"
    )


class ReceptionistSettings(_Section):
    """What the receptionist says and how it transfers."""

    prompt: Path | None = Field(None, description="Prompt file; a built-in one when not set")
    dial: str = Field(
        "Local/{extension}@internal",
        pattern=r"\{extension\}",
        description="How an extension is dialled: PJSIP/{extension}, Local/{extension}@internal, …",
    )
    ring_s: float = Field(20.0, gt=0, description="How long a transfer rings")
    hand_back: str | None = Field(
        None,
        pattern=r"^[^,]+,[^,]+(,\d+)?$",
        description="Give transfers to the dialplan at context,{extension},priority",
    )
    while_ringing: Literal["ringing", "music"] = Field(
        "ringing", description="What the caller hears during a transfer"
    )
    device: str = Field(
        "PJSIP/{extension}",
        pattern=r"\{extension\}",
        description="Phone whose state tells whether an extension is free",
    )
    when_busy: Literal["offer", "ring"] = Field(
        "offer",
        description="offer: say so, offer to wait or somebody else; ring: ring all the same",
    )
    wait_s: float = Field(
        180.0, ge=0, description="Longest wait for somebody on another call; 0: nobody waits"
    )
    filler_ms: int = Field(1200, ge=200, description="Silence after which a filler is spoken")
    hand_over_s: float = Field(
        12.0, gt=1, description="Wait for an answer after which the caller is handed over"
    )

    @field_validator("dial", "hand_back", "device")
    @classmethod
    def _can_be_filled_in(cls, place: str | None) -> str | None:
        try:
            (place or "").format(extension="201")
        except (LookupError, AttributeError, ValueError):
            raise ValueError("nothing but {extension} can be filled in") from None
        return place


class TranscribeSettings(_Section):
    """Which calls between people are transcribed, and how."""

    app: str = Field(
        "voicebot-transcriber", min_length=1, description="Name of the Stasis application"
    )
    select: Literal["all", "listed", "none"] = Field(
        "all", description="all: every call; listed: those of allow; none: only what is sent to us"
    )
    allow: tuple[str, ...] = Field(
        (),
        description="Extensions, lines or caller ids whose calls are transcribed; "
        "* and ? mean any characters",
    )
    deny: tuple[str, ...] = Field((), description="Those whose calls never are; wins")
    trunks: tuple[str, ...] = Field(
        (), description="Endpoints that are lines to the outside, which tells a call's direction"
    )
    directions: tuple[Literal["internal", "incoming", "outgoing"], ...] = Field(
        ("internal", "incoming", "outgoing"), description="Directions that are transcribed"
    )
    variable: str = Field(
        "VOICEBOT_TRANSCRIBE",
        min_length=1,
        description="Channel variable: no switches a call off, yes on",
    )
    language: str = Field("en", min_length=2, description="Language that is spoken (ISO 639-1)")
    partial_ms: int = Field(600, ge=0, description="Speech after which a partial is due; 0: never")
    pause_ms: int = Field(400, ge=100, description="Silence that ends an utterance")
    longest_s: float = Field(20.0, gt=1, description="An utterance is cut after this much speech")
    workers: int = Field(1, ge=1, description="Transcriptions under way at once")
    memory_mb: int = Field(
        64, ge=1, description="Speech that waits in memory; what is more waits on disk"
    )
    give_up_s: float = Field(
        60.0,
        ge=0,
        description="How long a failing provider is asked again after the end of a call",
    )
    announce: str | None = Field(
        None, description="Played to both before capture (an ARI media URI, such as sound:NAME)"
    )
    opt_out: str | None = Field(
        None, pattern=r"^[0-9*#]$", description="Key by which either party ends the transcription"
    )
    jsonl: Path | None = Field(
        None, description="File that gets everything as JSON lines; - is the standard output"
    )


class RecordsSettings(_Section):
    """What is kept, where and how long."""

    url: str = Field(
        "sqlite:///~/.local/share/voicebot/records.db",
        pattern=r"^(sqlite:///|postgresql://|$)",
        description="Database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; empty: none",
    )
    keep_days: int = Field(90, ge=0, description="Days after which calls are deleted; 0: never")
    mask: bool = Field(True, description="Whether card and phone numbers are masked in texts")
    spool: Path = Field(
        Path("~/.local/share/voicebot/spool"),
        description="Folder where events wait until they are kept and delivered",
    )
    spool_mb: int = Field(
        1024, ge=1, description="Most that waits for each destination; beyond it the newest is lost"
    )


class WebhookSettings(_Section):
    """Who is told of each call and each sentence, over HTTP."""

    url: str | None = Field(None, pattern=r"^https?://", description="Receiver of the events")
    secret: SecretStr | None = Field(None, description="Key of the HMAC-SHA256 signature")
    timeout_s: float = Field(5.0, gt=0, description="Longest wait for the receiver")
    ca_file: Path | None = Field(None, description="Private certificate authority (PEM)")


class LogSettings(_Section):
    """What is written about what happens."""

    level: Level = Field("info", description="Least level shown")
    format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: colours in a terminal, else plain lines"
    )


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    ari: AriSettings = Field(default_factory=AriSettings)
    media: MediaSettings = Field(default_factory=MediaSettings)
    stt: SttSettings = Field(default_factory=SttSettings)
    llm: LlmSettings = Field(default_factory=LlmSettings)
    tts: TtsSettings = Field(default_factory=TtsSettings)
    models: ModelsSettings = Field(default_factory=ModelsSettings)
    turns: TurnSettings = Field(default_factory=TurnSettings)
    speculation: SpeculationSettings = Field(default_factory=SpeculationSettings)
    receptionist: ReceptionistSettings = Field(default_factory=ReceptionistSettings)
    transcribe: TranscribeSettings = Field(default_factory=TranscribeSettings)
    records: RecordsSettings = Field(default_factory=RecordsSettings)
    webhook: WebhookSettings = Field(default_factory=WebhookSettings)
    log: LogSettings = Field(default_factory=LogSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, whose content comes as keyword arguments."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings
