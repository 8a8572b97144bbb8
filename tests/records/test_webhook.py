"""A receiver gets every event, signed and in order, whatever it answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import signal
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import trustme
from tenacity import wait_fixed

from tests.records.receiver import LONG_S, Receiver
from tests.records.telling import a_call, entries, final
from voicebot.errors import (
    ConfigError,
    RecordsGoneError,
    RecordsRefusedError,
    RecordsUnavailableError,
)
from voicebot.records.encoding import from_json
from voicebot.records.outbox import Outbox
from voicebot.records.spool import Spool
from voicebot.records.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def webhook(receiver: Receiver, **options: object) -> Webhook:
    return Webhook(receiver.url, **{"timeout_s": 10.0, **options})


def deliver(receiver: Receiver, **options: object) -> None:
    hook = webhook(receiver, **options)
    try:
        hook.deliver(entries([final("Hello.")]))
    finally:
        hook.close()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path, "webhook") as spool:
        yield spool


def outbox(receiver: Receiver, spool: Spool, **options: object) -> Outbox:
    hook = webhook(receiver, **options)
    return Outbox("webhook", hook, spool=spool, partials="latest", wait=wait_fixed(0.02))


def test_an_event_is_posted_as_json_with_its_id_and_time():
    with Receiver() as receiver:
        deliver(receiver, clock=lambda: 1_700_000_000.9)

    (headers, body), *_ = receiver.taken
    assert from_json(body) == final("Hello.")
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == "run-1"
    assert headers["webhook-timestamp"] == "1700000000"
    assert "webhook-signature" not in headers


@pytest.mark.parametrize(
    ("secret", "key"),
    [("s3cret", b"s3cret"), ("whsec_" + base64.b64encode(b"\0\1\2key").decode(), b"\0\1\2key")],
)
def test_the_signature_is_over_id_time_and_body(secret, key):
    with Receiver() as receiver:
        deliver(receiver, secret=secret)

    (headers, body), *_ = receiver.taken
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_a_secret_that_cannot_be_one_is_named_and_not_shown():
    with pytest.raises(ConfigError, match=r"webhook\.secret") as caught:
        Webhook("http://127.0.0.1:1/", secret="whsec_#", timeout_s=1)

    assert "#" not in str(caught.value)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_2xx_accepts(status):
    with Receiver(status) as receiver:
        deliver(receiver)

    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    "status",
    [500, 502, 503, 429, 408, 401, 403, 404, 405, 407, 421, 423, 425, 301, 302, 307],
)
def test_what_may_pass_or_be_mended_means_later(status):
    with Receiver(status) as receiver, pytest.raises(RecordsUnavailableError, match=str(status)):
        deliver(receiver)


@pytest.mark.parametrize("status", [400, 402, 406, 409, 411, 413, 415, 422, 451])
def test_what_is_about_the_event_refuses_it(status):
    with Receiver(status) as receiver, pytest.raises(RecordsRefusedError, match=str(status)):
        deliver(receiver)


def test_410_ends_it():
    with (
        Receiver(410) as receiver,
        pytest.raises(RecordsGoneError, match=r"410.*webhook\.url"),
    ):
        deliver(receiver)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("999999999", 3600.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None)],
)
def test_the_receiver_may_say_when_to_come_again(header, seconds):
    with Receiver(429) as receiver:
        receiver.headers = {"retry-after": header}
        with pytest.raises(RecordsUnavailableError) as caught:
            deliver(receiver)

    assert caught.value.retry_after_s == seconds


def test_a_redirect_is_named_and_not_followed():
    with Receiver(301) as receiver:
        receiver.headers = {"location": "https://elsewhere/"}
        with pytest.raises(RecordsUnavailableError, match="https://elsewhere/"):
            deliver(receiver)

    assert len(receiver.requests) == 1


def test_a_receiver_that_hangs_is_left_after_the_timeout():
    with Receiver(0) as receiver, pytest.raises(RecordsUnavailableError, match="timeout_s"):
        deliver(receiver, timeout_s=0.2)


def test_nobody_there_means_later():
    with Receiver() as receiver:
        url = receiver.url

    hook = Webhook(url, timeout_s=5)
    with pytest.raises(RecordsUnavailableError, match="127"):
        hook.deliver(entries([final("Hello.")]))
    hook.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def served_by(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_a_private_authority_is_trusted_when_it_is_named(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    with Receiver(tls=served_by(authority)) as receiver:
        deliver(receiver, ca_file=tmp_path / "ca.pem")

        assert len(receiver.taken) == 1


def test_a_certificate_of_nobody_is_refused(authority):
    with (
        Receiver(tls=served_by(authority)) as receiver,
        pytest.raises(RecordsUnavailableError, match="certificate"),
    ):
        deliver(receiver)


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_a_ca_file_that_cannot_be_used_is_named_by_its_key(tmp_path, content):
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)

    with pytest.raises(ConfigError, match=r"webhook\.ca_file.*ca\.pem"):
        Webhook("https://127.0.0.1/", timeout_s=1, ca_file=tmp_path / "ca.pem")


def test_while_the_receiver_is_in_trouble_nothing_is_lost_and_the_order_kept(spool):
    plan = [200, 500, 503, 0, 200, 429, 404, 200, 301, 500]
    with Receiver(*plan) as receiver:
        box = outbox(receiver, spool, timeout_s=0.2)
        box.start()
        for event in a_call():
            box.put(event)
        receiver.has(len(a_call()))
        box.close(LONG_S)

    told = [from_json(body) for _headers, body in receiver.taken]
    assert told == a_call()
    assert len(spool) == 0


def test_a_receiver_that_comes_up_later_gets_everything(spool):
    with Receiver() as early:
        port = early.port
    box = outbox(early, spool)
    box.start()
    for event in a_call():
        box.put(event)
    while box.waiting < len(a_call()):
        pass

    with Receiver(port=port) as receiver:
        receiver.has(len(a_call()))
        box.close(LONG_S)

    assert [from_json(body) for _headers, body in receiver.taken] == a_call()


def test_what_is_refused_is_set_aside_and_the_rest_arrives_in_order(spool, tmp_path):
    with Receiver(200, 400) as receiver:
        box = outbox(receiver, spool)
        box.start()
        for event in a_call():
            box.put(event)
        receiver.has(len(a_call()) - 1)
        box.close(LONG_S)

    told = [from_json(body) for _headers, body in receiver.taken]
    assert told == [a_call()[0], *a_call()[2:]]
    assert '"party_joined"' in (tmp_path / "webhook-refused.jsonl").read_text()


def test_a_receiver_that_is_gone_is_asked_no_more_and_nothing_is_thrown_away(spool):
    with Receiver(200, 410) as receiver:
        box = outbox(receiver, spool)
        box.start()
        for event in a_call():
            box.put(event)
        receiver.asked(2)
        box.close(LONG_S)

    assert len(receiver.requests) == 2
    assert [entry.event for entry in spool.head(99)] == a_call()[1:]


SENDER = """
import sys, time
from pathlib import Path
from tests.records.telling import final
from voicebot.records.outbox import Outbox
from voicebot.records.spool import Spool
from voicebot.records.webhook import Webhook

url, folder = sys.argv[1], Path(sys.argv[2])
first, count, left = (int(number) for number in sys.argv[3:])
with Spool(folder, "webhook") as spool:
    box = Outbox("webhook", Webhook(url, timeout_s=10), spool=spool)
    box.start()
    for number in range(first, first + count):
        box.put(final("x", number=number))
    while box.waiting != left:
        time.sleep(0.01)
    print("ready", flush=True)
    box.close(20)
"""


def send(receiver: Receiver, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SENDER, receiver.url, str(folder), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_sender_that_is_killed_goes_on_where_it_was(tmp_path):
    plan = [200] * 5 + [0]
    with Receiver(*plan) as receiver:
        with send(receiver, tmp_path, "1", "30", "25") as sender:
            # The sixth is on its way: whether it has been taken the sender cannot know.
            receiver.asked(6)
            assert sender.stdout is not None
            assert sender.stdout.readline() == "ready\n"
            os.kill(sender.pid, signal.SIGKILL)
        with send(receiver, tmp_path, "31", "5", "0") as sender:
            assert sender.wait(LONG_S) == 0

    told = [event["utterance"] for event in receiver.events]
    assert told == sorted(told)
    assert set(told) == set(range(1, 36))
    ids = [headers["webhook-id"] for headers, _body in receiver.requests]
    assert len(set(ids)) == 35, "the same event comes again under the same id"
