from __future__ import annotations

import pytest

from bench.latency import call_count
from bench.latency_errors import UnreachableError, UsageError
from bench.latency_lines import explained
from bench.latency_options import account, parse
from bench.latency_script import asking

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
    ("arguments", "message"),
    [
        (["--local", "--transport", "tcp"], "--transport is for --sip only"),
        (["--local", "--ari-user", "bot"], "--ari-user is for --ari only"),
        ([*SIP, "--media-host", "10.0.0.2"], "--media-host is for --ari only"),
        ([*SIP, "--cloud", "300"], "--cloud is for --local only"),
        (["--local", "--cloud-tokens", "60"], "--cloud-tokens is for --cloud only"),
        (["--local", "--cloud-stt", "local"], "--cloud-stt is for --cloud only"),
        (["--local", "--cloud-tts", "local"], "--cloud-tts is for --cloud only"),
        (["--local", "--timeline", "bot.log"], "--local or --timeline"),
        ([*SIP, "--speech-url", "http://tts/v1"], "--speech-url is for --voice openai only"),
        ([*SIP, "--speech-model", "tts-1"], "--speech-model is for --voice openai only"),
        ([*SIP, "--voice", "espeak", "--speech-voice", "ash"], "--speech-voice is for --voice"),
        ([*SIP, "--calibrate", "--patience", "5"], "--calibrate or --patience"),
        ([*SIP, "--calibrate", "--quiet", "1"], "--calibrate or --quiet"),
        ([*SIP, "--calibrate", "--plot", "a.png"], "--calibrate or --plot"),
        ([*SIP, "--calibrate", "--timeline", "bot.log"], "--calibrate or --timeline"),
        ([*SIP, "--calibrate", "--max-p50", "400"], "--calibrate or --max-p50"),
        ([*SIP, "--calibrate", "--max-p95", "700"], "--calibrate or --max-p95"),
    ],
)
def test_what_would_be_ignored_is_refused(arguments: list[str], message: str):
    with pytest.raises(UsageError, match=message):
        parse(arguments)


def test_what_is_not_said_is_as_usual():
    options = parse(SIP)

    assert (options.codec, options.voice, options.language) == ("g722", "piper", "en")
    assert (options.calls, options.parallel, options.json) == (None, 1, False)
    assert options.accounts[0].transport == "udp"


def test_more_calls_at_once_than_in_all_are_refused():
    conversation = asking(["a question"])

    assert call_count(parse([*SIP, "--parallel", "2", "--calls", "3"]), [conversation]) == 3
    with pytest.raises(UsageError, match="raise --calls"):
        call_count(parse([*SIP, "--parallel", "2"]), [conversation])


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
