"""What is kept of calls: the database, the spool, the webhook's receiver."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

import aiohttp

from voicebot.apps.doctor.finding import Check
from voicebot.errors import ConfigError, RecordsForeignError, RecordsUnavailableError
from voicebot.records.database import Database
from voicebot.records.webhook import tls_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from voicebot.apps.doctor.finding import Finding
    from voicebot.config import RecordsSettings, WebhookSettings

_RECORDS: Final = Check("records", "calls are kept there; while it is away they wait on disk")
_SPOOL: Final = Check("spool", "what cannot be kept or delivered yet waits there")
_WEBHOOK: Final = Check("webhook", "it is told of each call; while it is away events wait on disk")


async def check_keeping(
    records: RecordsSettings, webhook: WebhookSettings
) -> AsyncGenerator[Finding, None]:
    """Judge what is set; nothing is made, and no event is sent."""
    if records.url:
        yield await asyncio.to_thread(check_database, records.url)
    else:
        yield _RECORDS.ok("nothing is kept: records.url is empty")
    if webhook.url:
        yield await check_webhook(webhook.url, webhook)
    if records.url or webhook.url:
        yield check_spool(records.spool)


def check_database(url: str) -> Finding:
    """Judge whether the database is there and ours, or can be made."""
    try:
        database = Database(url)
        try:
            if database.missing:
                return _will_be_made(database)
            database.open()
        finally:
            database.close()
    except (RecordsForeignError, ConfigError) as error:
        return _RECORDS.failed(str(error), fix="set records.url; empty, nothing is kept")
    except RecordsUnavailableError as error:
        return _RECORDS.warning(str(error), fix="start the database, or set records.url")
    return _RECORDS.ok(f"{database.place} is ours and up to date")


def _will_be_made(database: Database) -> Finding:
    place = database.place
    if _can_be_made(database.path):
        return _RECORDS.ok(f"{place} will be made")
    return _RECORDS.warning(
        f"{place} cannot be made", fix="let voicebot write there, or set records.url"
    )


def check_spool(folder: Path) -> Finding:
    """Judge whether the spool's folder can be written."""
    folder = folder.expanduser()
    if _can_be_made(folder / "spool.db"):
        return _SPOOL.ok(f"{folder} can be written")
    return _SPOOL.warning(
        f"{folder} cannot be written", fix="let voicebot write there, or set records.spool"
    )


async def check_webhook(url: str, webhook: WebhookSettings) -> Finding:
    """Judge whether the receiver answers at all; no answer to ``OPTIONS`` is wrong."""
    timeout = aiohttp.ClientTimeout(total=webhook.timeout_s)
    try:
        connector = aiohttp.TCPConnector(ssl=tls_of(webhook.ca_file))
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=True) as session,
            session.options(url, allow_redirects=False) as answer,
        ):
            status = answer.status
    except ConfigError as error:
        return _WEBHOOK.failed(str(error), fix="correct the setting webhook.ca_file")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        reason = str(error) or "no answer in time"
        return _WEBHOOK.warning(f"{url}: {reason}", fix="start the receiver, or set webhook.url")
    if webhook.secret is None:
        return _WEBHOOK.warning(
            f"{url} answers ({status}); events are not signed", fix="set webhook.secret"
        )
    return _WEBHOOK.ok(f"{url} answers ({status})")


def _can_be_made(path: Path | None) -> bool:
    """Whether this user may write ``path``, or what has to be made for it."""
    if path is None:
        return True
    nearest = next(it for it in (path.absolute(), *path.absolute().parents) if it.exists())
    return os.access(nearest, os.W_OK) and (nearest.is_dir() or nearest == path.absolute())
