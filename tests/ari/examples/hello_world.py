"""Answer every caller of the application, play a sound, hang up."""

from __future__ import annotations

import asyncio

from voicebot.ari import AriClient
from voicebot.ari.models import PlaybackFinished, StasisStart

URL, USER, PASSWORD = "http://pbx:8088/asterisk", "bot", "secret"


async def main() -> None:
    async with AriClient(URL, USER, PASSWORD, app="hello-world") as ari:

        @ari.on(StasisStart)
        async def greet(event: StasisStart) -> None:
            await ari.channels.answer(event.channel.id)
            await ari.channels.play(event.channel.id, media="sound:hello-world")

        @ari.on(PlaybackFinished)
        async def hang_up(event: PlaybackFinished) -> None:
            await ari.channels.hangup(event.playback.target_uri.removeprefix("channel:"))

        await ari.run()


if __name__ == "__main__":
    asyncio.run(main())
