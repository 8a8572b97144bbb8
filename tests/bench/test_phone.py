from __future__ import annotations

import socket

import pytest

from bench.baresip import installed
from bench.phone import Account, Phone, PhoneError
from tests.conftest import unavailable


def test_a_number_becomes_an_address_of_the_pbx() -> None:
    account = Account("201", "pbx.example:5062", "secret")

    assert account.uri("bot") == "sip:bot@pbx.example:5062;transport=udp"
    assert account.uri("sip:bot@elsewhere") == "sip:bot@elsewhere"


@pytest.mark.parametrize("password", ["a;b", "a>b", 'a"b', "a b"])
def test_a_password_that_breaks_out_of_the_address_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a SIP address"):
        Account("201", "pbx.example", password)


def test_our_address_is_the_one_towards_the_pbx() -> None:
    assert Account("201", "127.0.0.1").local_address() == "127.0.0.1"


async def test_a_pbx_that_does_not_answer_is_named() -> None:
    if not installed():
        unavailable("the phone is missing: apt-get install baresip-core")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        account = Account("201", f"127.0.0.1:{silent.getsockname()[1]}", "secret")

        with pytest.raises(PhoneError, match=r"127\.0\.0\.1:\d+ does not answer 201"):
            async with Phone(account, register_within=0.3):
                pass
