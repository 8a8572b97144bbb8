"""Everything that is kept or told of calls, opened at once."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from voicebot.errors import RecordsUnavailableError
from voicebot.records.database import Database
from voicebot.records.jsonl import JsonLines
from voicebot.records.outbox import Outbox
from voicebot.records.sinks import Fan, MaskingSink
from voicebot.records.spool import Spool
from voicebot.records.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from voicebot.config import RecordsSettings, WebhookSettings
    from voicebot.records.events import Sink

_log = structlog.get_logger(__name__)

CLOSING_S = 5.0
"""How long the end of the program waits for what is still on its way."""

_DAY_S = 86_400.0


@asynccontextmanager
async def open_sinks(
    records: RecordsSettings, webhook: WebhookSettings, *, jsonl: Path | None = None
) -> AsyncIterator[Sink]:
    """Yield the sink of these settings: database, webhook, JSON lines; what is not set is left out.

    A database or a disk that cannot be used for now is told in the log and is no reason not to
    start: events wait. Raises ``RecordsForeignError`` and ``ConfigError``. At the end everything is
    delivered that can be within ``CLOSING_S``; the rest is delivered after the next start.
    """
    outboxes: list[Outbox] = []
    async with AsyncExitStack() as stack:
        files = stack.enter_context(ExitStack())
        if records.url:
            database = Database(records.url)
            await asyncio.to_thread(_open, database)
            spool = _open_spool(files, records, "records", database.place)
            outboxes.append(Outbox("records", database, spool=spool))
            await _keep_pruned(stack, database, records.keep_days)
        if webhook.url:
            receiver = Webhook(
                webhook.url,
                secret=webhook.secret.get_secret_value() if webhook.secret else None,
                timeout_s=webhook.timeout_s,
                ca_file=webhook.ca_file,
            )
            spool = _open_spool(files, records, "webhook", webhook.url)
            outboxes.append(Outbox("webhook", receiver, spool=spool, partials="latest"))
        if jsonl is not None:
            outboxes.append(Outbox("jsonl", JsonLines(jsonl), spool=None, partials="all"))
        for outbox in outboxes:
            outbox.start()
        stack.push_async_callback(_close, outboxes)
        fan = Fan(outboxes)
        yield MaskingSink(fan) if records.mask and outboxes else fan


def _open(database: Database) -> None:
    try:
        database.open()
    except RecordsUnavailableError as error:
        _log.error("records wait for their database", reason=str(error))


def _open_spool(files: ExitStack, records: RecordsSettings, name: str, destination: str) -> Spool:
    spool = files.enter_context(
        Spool(records.spool.expanduser(), name, destination, limit_mb=records.spool_mb)
    )
    try:
        spool.open()
    except RecordsUnavailableError as error:
        _log.error("the spool cannot be used for now", destination=name, reason=str(error))
    return spool


async def _keep_pruned(stack: AsyncExitStack, database: Database, keep_days: int) -> None:
    """Delete old calls now and once a day until ``stack`` is closed."""
    if not keep_days:
        return

    async def prune() -> None:
        while True:
            before = dt.datetime.now(dt.UTC) - dt.timedelta(days=keep_days)
            try:
                count = await asyncio.to_thread(database.prune, before)
            except RecordsUnavailableError as error:
                _log.warning("old calls are not deleted", reason=str(error))
            else:
                _log.info("old calls deleted", calls=count, before=before.date().isoformat())
            await asyncio.sleep(_DAY_S)

    async def stop(task: asyncio.Task[None]) -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(stop, asyncio.create_task(prune(), name="prune records"))


async def _close(outboxes: list[Outbox]) -> None:
    await asyncio.gather(*(asyncio.to_thread(outbox.close, CLOSING_S) for outbox in outboxes))
