"""Callers for a real Asterisk: sipp, which speaks SIP and plays speech as RTP for many at once."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np
import soxr

from bench.load_errors import LoadError
from bench.load_speech import circle
from voicebot.media.audio import SAMPLE_RATE
from voicebot.media.g711 import ULAW_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WANTED: Final = "sipp is missing: apt-get install sip-tester"
NARROW: Final = 8000
FIRST_PORT: Final = 40_000
"""Of the callers' RTP: clear of what Asterisk takes."""

SCENARIO: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<scenario name="a caller who speaks">
 <send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:caller[call_number]@[local_ip]:[local_port]>;tag=[pid]load[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=caller 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
a=ptime:20
 ]]></send>
 <recv response="100" optional="true"/>
 <recv response="180" optional="true"/>
 <recv response="183" optional="true"/>
 <recv response="200" rrs="true"/>
 <send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:caller[call_number]@[local_ip]:[local_port]>;tag=[pid]load[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

 ]]></send>
 <nop><action><exec rtp_stream="{speech},-1,0,PCMU/8000"/></action></nop>
 <pause/>
 <send retrans="500"><![CDATA[
BYE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:caller[call_number]@[local_ip]:[local_port]>;tag=[pid]load[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

 ]]></send>
 <recv response="200"/>
</scenario>
"""


def write(folder: Path) -> Path:
    """Write speech and scenario into ``folder``; return the scenario. Raises ``LoadError``."""
    if shutil.which("sipp") is None:
        raise LoadError(WANTED)
    speech = folder / "speech.ulaw"
    narrow = soxr.resample(circle(), SAMPLE_RATE, NARROW)
    speech.write_bytes(ulaw(np.asarray(narrow, np.int16)))
    scenario = folder / "caller.xml"
    scenario.write_text(SCENARIO.replace("{speech}", str(speech)))
    return scenario


def ulaw(samples: np.ndarray) -> bytes:
    """Return samples as G.711 µ-law, the format of telephones in America."""
    return bytes(ULAW_CODES[samples.astype(np.int16).view(np.uint16)].astype(np.uint8).tobytes())


@contextmanager
def calling(
    scenario: Path, sip_port: int, extension: str, *, calls: int, rate: float, seconds: float
) -> Iterator[subprocess.Popen[str]]:
    """Let so many callers call, ``rate`` in a second, each for ``seconds``; end sipp after."""
    command = ["sipp", f"127.0.0.1:{sip_port}", "-sf", str(scenario), "-s", extension]
    command += ["-i", "127.0.0.1", "-mi", "127.0.0.1", "-mp", str(FIRST_PORT), "-nostdin"]
    command += [
        "-m",
        str(calls),
        "-l",
        str(calls),
        "-r",
        f"{rate:g}",
        "-d",
        f"{1000 * seconds:.0f}",
    ]
    process = subprocess.Popen(
        command,
        cwd=scenario.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
