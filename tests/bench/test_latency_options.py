from __future__ import annotations

import pytest

from bench.latency_errors import UnreachableError, UsageError
from bench.latency_lines import explained
from bench.latency_options import account, parse

SIP = ["--sip", "201:secret@10.0.0.1:5062", "--dial", "100"]


def test_an_account_is_read_with_port_and_password():
    options = parse([*SIP, "--codec", "alaw", "--calls", "20", "--parallel", "4"])

    (found,) = options.accounts
    assert (found.user, found.password, found.domain) == ("201", "secret", "10.0.0.1:5062")
    assert (options.dial, options.codec, options.calls, options.parallel) == ("100", "alaw", 20, 4)


def test_a_password_may_hold_a_colon_and_may_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("SIP_PASSWORD", "hidden")

    assert account("201:a:b@pbx").password == "a:b"
    assert account("201@pbx").password == "hidden"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "one of --sip, --ari and --local"),
        (["--local", *SIP], "one of --sip, --ari and --local"),
        (["--sip", "201:x@pbx"], "--dial EXTENSION"),
        (["--sip", "nonsense", "--dial", "1"], "USER:PASSWORD@HOST"),
        (["--sip", "2;1@pbx", "--dial", "1"], "cannot stand in a SIP address"),
        (["--ari", "http://pbx:8088", "--dial", "bot"], "EXTENSION@CONTEXT"),
        ([*SIP, "--say", "a", "--script", "b"], "not both"),
        ([*SIP, "--calls", "0"], "--calls 0"),
        ([*SIP, "--parallel", "0"], "--parallel 0"),
    ],
)
def test_what_does_not_fit_is_named(arguments: list[str], message: str):
    with pytest.raises(UsageError, match=message):
        parse(arguments)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("bot: 404 Not Found", UsageError),
        ("201@pbx: 401 Unauthorized", UsageError),
        ("bot: 486 Busy Here", UnreachableError),
        ("pbx does not answer 401", UnreachableError),
        ("bot: no answer in 10 s", UnreachableError),
        ("bot: 503 Service Unavailable", UnreachableError),
    ],
)
def test_a_refusal_is_told_from_nobody_there(reason: str, kind: type[Exception]):
    assert type(explained(reason)) is kind


def test_the_exit_codes_tell_them_apart():
    assert (UsageError.exit_code, UnreachableError.exit_code) == (2, 3)
