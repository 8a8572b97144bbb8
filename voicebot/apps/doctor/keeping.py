"""What is kept of calls: the database, the spool, the webhook's receiver."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Final

import aiohttp

from voicebot.apps.doctor.finding import Check
from voicebot.errors import ConfigError, RecordsForeignError, RecordsUnavailableError
from voicebot.records.database import Database
from voicebot.records.engine import open_engine, path_of
from voicebot.records.webhook import tls_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection
    from pathlib import Path

    from voicebot.apps.doctor.finding import Finding
    from voicebot.config import RecordsSettings, WebhookSettings

_RECORDS: Final = Check("records", "calls are kept there; while it is away they wait on disk")
_SPOOL: Final = Check("spool", "what cannot be kept or delivered yet waits there")
_ROOM: Final = Check(
    "disk of the records", "without room there calls are kept in memory, and lost if voicebot ends"
)
_WEBHOOK: Final = Check("webhook", "it is told of each call; while it is away events wait on disk")

_LITTLE: Final = 500 << 20


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
        yield check_room(_folders(records))


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


def check_room(
    folders: Collection[Path], free: Callable[[Path], int] = lambda it: shutil.disk_usage(it).free
) -> Finding:
    """Judge the room where ``folders`` are or will be. ``free`` tells the octets left."""
    left, place = min((free(place), place) for place in map(_nearest, folders))
    text = f"{left / (1 << 30):.1f} GB free at {place}"
    if left >= _LITTLE:
        return _ROOM.ok(text)
    return _ROOM.warning(
        text,
        fix="make room, set records.spool and records.url to another disk, or keep calls for a "
        "shorter time (records.keep_days)",
    )


def _folders(records: RecordsSettings) -> list[Path]:
    folders = [records.spool.expanduser()]
    # A URL that cannot be used has a finding already.
    with contextlib.suppress(ConfigError):
        if records.url and (path := path_of(open_engine(records.url))) is not None:
            folders.append(path.parent)
    return folders


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
    nearest = _nearest(path)
    return os.access(nearest, os.W_OK) and (nearest.is_dir() or nearest == path.absolute())


def _nearest(path: Path) -> Path:
    """Return what there is already of ``path``."""
    return next(it for it in (path.absolute(), *path.absolute().parents) if it.exists())
