from __future__ import annotations

import ssl

import aiohttp
import pytest
import trustme

from tests.sim.conftest import Client, client_of
from voicebot.sim import STOCK_MODULES, SimulatedPbx


@pytest.mark.parametrize(
    ("username", "password"), [("bot", "wrong"), ("nobody", "secret"), ("", "")]
)
async def test_wrong_credentials_are_answered_with_401_and_a_challenge(
    pbx: SimulatedPbx, username: str, password: str
):
    async with client_of(pbx, username=username, password=password) as client:
        async with client.session.get(f"{client.url}/channels") as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == 'Basic realm="Asterisk REST Interface"'
            assert await answer.json() == {"message": "Authentication required"}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.connect()
        assert refused.value.status == 401


async def test_the_password_may_also_come_as_api_key(pbx: SimulatedPbx):
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{pbx.url}/ari/asterisk/ping?api_key=bot:secret") as answer,
    ):
        assert (await answer.json())["ping"] == "pong"


async def test_another_prefix_is_a_page_that_is_not_there(ari: Client):
    wrong = ari.url.replace("/asterisk/ari", "/ari")
    async with ari.session.get(f"{wrong}/channels") as answer:
        assert answer.status == 404
        assert answer.content_type == "text/html"


async def test_a_pbx_without_prefix_serves_ari_at_the_root():
    async with (
        SimulatedPbx(username="bot", prefix="", real_time=False) as pbx,
        client_of(pbx) as client,
    ):
        assert client.url.count("/") == 3
        assert (await client.get("/asterisk/ping"))["ping"] == "pong"


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/nonsense", 404, "Resource not found"),
        ("PUT", "/channels", 405, "Invalid method"),
        ("GET", "/channels/none", 404, "Channel not found"),
        ("DELETE", "/channels/none", 404, "Channel not found"),
        ("POST", "/channels/none/answer", 404, "Channel not found"),
        ("GET", "/bridges/none", 404, "Bridge not found"),
        ("DELETE", "/bridges/none", 404, "Bridge not found"),
        ("GET", "/playbacks/none", 404, "Playback not found"),
        ("DELETE", "/playbacks/none", 404, "Playback not found"),
        ("GET", "/applications/none", 404, "Application not found"),
        ("GET", "/asterisk/modules/no.so", 404, "Module could not be found in running modules"),
        ("POST", "/asterisk/modules/no.so", 409, "Module load declined"),
        ("POST", "/asterisk/modules/chan_rtp.so", 409, "Module is already loaded"),
        ("GET", "/endpoints/PJSIP/999", 404, "Endpoint not found"),
        ("GET", "/endpoints/FOO", 404, "No Endpoints found - invalid tech FOO"),
        ("GET", "/events", 400, "HTTP request is missing param: [app]"),
    ],
)
async def test_what_cannot_be_done_is_answered_in_asterisks_words(
    ari: Client, method: str, path: str, status: int, message: str
):
    assert await ari.request(method, path) == (status, {"message": message})


async def test_events_without_websocket_are_answered_with_426(ari: Client):
    async with ari.session.get(f"{ari.url}/events", params={"app": "x"}) as answer:
        assert answer.status == 426


async def test_a_body_that_is_not_json_is_refused(ari: Client):
    async with ari.session.post(f"{ari.url}/channels", data=b"{") as answer:
        assert answer.status == 400


async def test_modules_of_a_stock_box_are_loaded_in_the_order_of_their_needs():
    async with (
        SimulatedPbx(username="bot", modules=STOCK_MODULES, real_time=False) as pbx,
        client_of(pbx) as client,
    ):
        declined = {"message": "Module load declined"}
        assert await client.request("POST", "/asterisk/modules/chan_rtp.so") == (409, declined)
        await client.post("/asterisk/modules/res_rtp_multicast.so")
        await client.post("/asterisk/modules/chan_rtp.so")
        names = [module["name"] for module in await client.get("/asterisk/modules")]
        assert {"chan_rtp.so", "res_rtp_multicast.so"} <= set(names)
        assert (await client.get("/asterisk/modules/chan_rtp.so"))["status"] == "Running"


async def test_info_says_which_asterisk_is_simulated(ari: Client):
    assert (await ari.get("/asterisk/info"))["system"]["version"].startswith("22.")


async def test_endpoints_are_the_phones_of_the_dialplan(ari: Client):
    states = {entry["resource"]: entry["state"] for entry in await ari.get("/endpoints/PJSIP")}
    assert states["201"] == "online"
    assert states["205"] == "offline"
    assert "bot" not in states
    assert await ari.get("/endpoints/PJSIP/201") in await ari.get("/endpoints")


@pytest.mark.parametrize(
    ("device", "state"),
    [("PJSIP%2F201", "NOT_INUSE"), ("PJSIP%2F205", "UNAVAILABLE"), ("PJSIP%2F999", "INVALID")],
)
async def test_device_states_follow_the_phones(ari: Client, device: str, state: str):
    async with ari.session.get(
        aiohttp.client.URL(f"{ari.url}/deviceStates/{device}", encoded=True)
    ) as answer:
        assert (await answer.json())["state"] == state
    assert await ari.get("/deviceStates") == []


async def test_a_phone_that_is_called_is_ringing_and_then_in_use(pbx: SimulatedPbx, ari: Client):
    url = aiohttp.client.URL(f"{ari.url}/deviceStates/PJSIP%2F201", encoded=True)
    await ari.post("/channels", endpoint="PJSIP/201", app="voicebot")
    for seconds, state in ((0.1, "RINGING"), (0.5, "INUSE")):
        pbx.advance(seconds)
        async with ari.session.get(url) as answer:
            assert (await answer.json())["state"] == state


async def test_global_variables_are_kept(ari: Client):
    await ari.post("/asterisk/variable", variable="NIGHT", value="yes")
    assert await ari.get("/asterisk/variable", variable="NIGHT") == {"value": "yes"}
    assert await ari.request("GET", "/asterisk/variable") == (
        400,
        {"message": "Variable name is required"},
    )


async def test_https_is_served_with_a_given_certificate():
    authority = trustme.CA()
    server, trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(trusted)
    async with SimulatedPbx(username="bot", tls=server, real_time=False) as pbx:
        assert pbx.url.startswith("https://")
        headers = {"Authorization": aiohttp.encode_basic_auth("bot", "secret")}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(f"{pbx.url}/ari/asterisk/ping", ssl=trusted) as answer,
        ):
            assert answer.status == 200
