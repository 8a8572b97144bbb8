from __future__ import annotations

import ipaddress
import socket
import sys
import time

import pytest

from voicebot.errors import ConfigError, MediaError, PortInUseError
from voicebot.media.address import (
    advertised_host,
    bind_address,
    channel_address,
    external_host,
    open_socket,
    widen,
)
from voicebot.media.datagrams import Inbox, age

LOOPBACK = ipaddress.ip_address("127.0.0.1")


@pytest.mark.parametrize("host", ["", "localhost", "pbx.example", "127.0.0.1:5000", "300.0.0.1"])
def test_a_host_that_is_no_address_names_its_setting(host: str):
    with pytest.raises(ConfigError, match=r"media\.host"):
        bind_address(host)


@pytest.mark.parametrize("advertise", ["", "pbx", "0.0.0.0", "224.0.0.1", "::1"])  # noqa: S104 - refused
def test_an_advertised_address_that_cannot_be_reached_names_its_setting(advertise: str):
    with pytest.raises(ConfigError, match=r"media\.advertise"):
        advertised_host(advertise, LOOPBACK)


def test_all_interfaces_need_an_advertised_address():
    with pytest.raises(ConfigError, match=r"media\.advertise is missing.*name the address"):
        advertised_host(None, ipaddress.ip_address("0.0.0.0"))  # noqa: S104 - refused


def test_what_is_bound_is_advertised_unless_told_otherwise():
    assert advertised_host(None, LOOPBACK) == "127.0.0.1"
    assert advertised_host("192.0.2.7", LOOPBACK) == "192.0.2.7"


def test_an_external_host_has_ipv6_in_brackets():
    assert external_host("192.0.2.7", 5000) == "192.0.2.7:5000"
    assert external_host("2001:db8::7", 5000) == "[2001:db8::7]:5000"


def variables(host: str, port: str) -> dict[str, str]:
    return {"UNICASTRTP_LOCAL_ADDRESS": host, "UNICASTRTP_LOCAL_PORT": port}


def test_a_channel_names_the_address_of_its_packets():
    assert channel_address(variables("192.0.2.7", "18000"), LOOPBACK) == ("192.0.2.7", 18000)
    assert channel_address(variables("[::1]", "18000"), ipaddress.ip_address("::1")) == (
        "::1",
        18000,
        0,
        0,
    )


@pytest.mark.parametrize("host", ["", "pbx.example", "0.0.0.0", "239.0.0.1", "::1"])  # noqa: S104 - refused
def test_a_channel_without_a_usable_address_is_refused(host: str):
    with pytest.raises(MediaError, match="UNICASTRTP_LOCAL_ADDRESS"):
        channel_address(variables(host, "18000"), LOOPBACK)


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "rtp", "18000.0", "²"])
def test_a_channel_without_a_usable_port_is_refused(port: str):
    with pytest.raises(MediaError, match="UNICASTRTP_LOCAL_PORT"):
        channel_address(variables("192.0.2.7", port), LOOPBACK)


def test_variables_that_are_missing_are_named():
    with pytest.raises(MediaError, match="UNICASTRTP_LOCAL_ADDRESS"):
        channel_address({}, LOOPBACK)


def test_a_port_that_is_taken_is_named_with_its_setting():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]

        with pytest.raises(PortInUseError, match=rf"127\.0\.0\.1:{port}.*media\.port"):
            open_socket(LOOPBACK, port)


def test_an_address_that_is_not_ours_is_named_with_its_setting():
    with pytest.raises(MediaError, match=r"192\.0\.2\.1:0 \(media\.host"):
        open_socket(ipaddress.ip_address("192.0.2.1"), 0)


def test_the_receive_buffer_grows_with_the_calls_as_far_as_the_system_lets_it():
    with open_socket(LOOPBACK, 0) as sock:
        before = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        few = widen(sock, 10)
        seconds = widen(sock, 1000)
        after = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    # A packet of 20 ms counts as 2,304 octets.
    assert seconds == pytest.approx(after / (1000 * 50 * 2304))
    assert after >= before
    assert few > seconds


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say when datagrams came")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_socket_tells_for_how_long_the_datagram_read_last_had_waited(host: str, at_once: bool):
    with open_socket(ipaddress.ip_address(host), 0) as ours:
        # The kernel begins to note it a moment after it was asked to.
        for _ in range(1000):
            before = time.time()
            ours.sendto(b"x", ours.getsockname())
            sent = time.time()
            Inbox(at_once=at_once).read(ours)
            read = time.time()
            waited = age(ours)
            after = time.time()

            # The kernel keeps whole microseconds.
            assert waited is not None
            assert 0 < waited <= after - before + 2e-6
            if waited >= read - sent - 2e-6:
                return
    pytest.fail("it is told when datagrams were read, not when they came")
