from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

import voicebot
from voicebot.config import ModelsSettings
from voicebot.errors import ModelHashError, ModelMissingError, ModelServerError
from voicebot.models.child import Child
from voicebot.models.launch import Order
from voicebot.models.supervisor import FIRST_ATTEMPTS, LocalModels

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# A model process without models: it reports as the real one does, then waits for its end.
READY = """
import json, sys
order = json.loads(sys.stdin.readline())
port = order["settings"]["port"] or 4321
print("some library prints a line", flush=True)
for number, kind in enumerate(sorted(order["which"]), 1):
    report = {"event": "loaded", "model": kind, "loaded": number, "total": len(order["which"])}
    print(json.dumps(report), flush=True)
print(json.dumps({"event": "ready", "base_url": f"http://127.0.0.1:{port}/v1"}), flush=True)
sys.stdin.read()
"""
DIES = "import sys; sys.stdin.readline(); print('no room on device', file=sys.stderr); sys.exit(3)"
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + READY + "time.sleep(60)"
)


def fails(kind: str) -> str:
    report = f'{{"event": "failed", "error": "{kind}", "message": "model.bin: not there"}}'
    return f"import sys; sys.stdin.readline(); print('{report}')"


class Starter:
    """Starts the scripts in turn, the last one for ever."""

    def __init__(self, *scripts: str) -> None:
        self._scripts = list(scripts)
        self.orders: list[Order] = []

    async def __call__(self, order: Order) -> Child:
        self.orders.append(order)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        return await Child.start(order, (sys.executable, "-c", script), grace_s=0.3)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does, which no event of ours can tell."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        # Who has ended stays until its parent looks; the first of a container may never do so.
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def models(start: Callable[[Order], Awaitable[Child]], **asked: object) -> LocalModels:
    return LocalModels(ModelsSettings(), start=start, **asked)  # type: ignore[arg-type]  # of a test


async def test_it_is_there_once_everything_is_loaded_and_gone_afterwards():
    progress: list[tuple[str, int, int]] = []
    keeper = models(
        Starter(READY), which={"stt", "tts"}, on_progress=lambda *told: progress.append(told)
    )

    async with keeper:
        pid = keeper.pid
        assert keeper.healthy
        assert keeper.base_url == "http://127.0.0.1:4321/v1"
        assert progress == [("stt", 1, 2), ("tts", 2, 2)]
        assert pid
        assert is_alive(pid)

    assert not keeper.healthy
    assert not is_alive(pid)


async def test_it_asks_for_no_more_than_was_asked_for():
    start = Starter(READY)

    async with models(start, which={"llm"}, languages={"ru"}):
        assert start.orders[0].which == {"llm"}
        assert start.orders[0].languages == {"ru"}


async def test_a_process_that_dies_is_started_again_at_the_same_address():
    start = Starter(READY)
    async with models(start) as keeper:
        url = keeper.base_url
        first = keeper.pid
        assert first

        os.kill(first, signal.SIGKILL)
        await until(lambda: keeper.restarts == 1)

        assert keeper.healthy
        assert keeper.base_url == url
        assert keeper.pid != first
        assert start.orders[1].settings.port == 4321


async def test_it_is_not_healthy_while_the_process_is_away():
    async with models(Starter(READY, DIES)) as keeper:
        assert keeper.pid
        os.kill(keeper.pid, signal.SIGKILL)

        await until(lambda: not keeper.healthy)
        # It goes on trying: the call that is under way hears an apology meanwhile.
        await until(lambda: keeper.pid is not None)
        assert not keeper.healthy


async def test_a_process_that_does_not_start_is_tried_some_times_then_its_last_words_are_told():
    start = Starter(DIES)

    with pytest.raises(ModelServerError, match=r"(?s)ended with code 3.*no room on device"):
        await models(start).__aenter__()

    assert len(start.orders) == FIRST_ATTEMPTS


async def test_a_start_that_fails_once_is_made_good():
    start = Starter(DIES, READY)

    async with models(start) as keeper:
        assert keeper.healthy
        assert len(start.orders) == 2


@pytest.mark.parametrize("kind", [ModelMissingError, ModelHashError])
async def test_a_fault_of_the_files_is_told_at_once_as_what_it_is(kind: type[Exception]):
    start = Starter(fails(kind.__name__))

    with pytest.raises(kind, match=r"model\.bin: not there"):
        await models(start).__aenter__()

    assert len(start.orders) == 1


@pytest.mark.parametrize("kind", ["SystemExit", "CallError"])
async def test_any_other_fault_is_the_model_servers(kind: str):
    with pytest.raises(ModelServerError):
        await models(Starter(fails(kind))).__aenter__()


async def test_a_program_that_is_not_there_is_a_fault_of_the_model_server():
    async def start(order: Order) -> Child:
        return await Child.start(order, ("/no/such/python",))

    with pytest.raises(ModelServerError, match="/no/such/python: No such file"):
        await models(start).__aenter__()


async def test_cancelled_while_it_loads_it_leaves_no_process():
    started: list[Child] = []

    async def start(order: Order) -> Child:
        started.append(await Child.start(order, (sys.executable, "-c", "input(); input()")))
        return started[0]

    entering = asyncio.create_task(models(start).__aenter__())
    await until(lambda: bool(started))
    entering.cancel()
    await asyncio.wait([entering])

    assert entering.cancelled()
    assert not is_alive(started[0].pid)


async def test_a_process_that_will_not_end_is_ended():
    async with models(Starter(DEAF)) as keeper:
        pid = keeper.pid
        assert pid

    assert not is_alive(pid)


async def test_the_address_is_known_only_once_it_runs():
    with pytest.raises(ModelServerError, match="has not been started"):
        _ = models(Starter(READY)).base_url


async def test_the_real_process_has_a_lower_priority():
    own = os.getpriority(os.PRIO_PROCESS, 0)
    child = await Child.start(Order(settings=ModelsSettings(nice=3), which=frozenset()))
    try:
        async for report in child.reports():
            if report.event == "ready":
                break

        assert os.getpriority(os.PRIO_PROCESS, child.pid) == own + 3
    finally:
        await child.stop()


async def test_the_real_process_ends_with_the_program_that_started_it(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, os\n"
        "from voicebot.config import ModelsSettings\n"
        "from voicebot.models.child import Child\n"
        "from voicebot.models.launch import Order\n"
        "async def main():\n"
        "    child = await Child.start(Order(settings=ModelsSettings(nice=0), which=set()))\n"
        "    async for report in child.reports():\n"
        "        print(child.pid, report.base_url, flush=True)\n"
        "        os._exit(9)\n"
        "asyncio.run(main())\n"
    )
    # The tests run from a checkout that need not be installed.
    environment = os.environ | {"PYTHONPATH": str(Path(voicebot.__file__).parent.parent)}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE, env=environment
    )
    told, _ = await parent.communicate()

    pid, url = told.decode().split()
    assert parent.returncode == 9
    assert url.startswith("http://127.0.0.1:")
    await until(lambda: not is_alive(int(pid)))


async def test_without_the_extra_the_way_out_is_named_and_nothing_is_started(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("voicebot.models.launch.find_spec", lambda _: None)

    with pytest.raises(ModelMissingError, match=r"voicebot\[local\]"):
        await Child.start(Order(settings=ModelsSettings(), which=frozenset({"tts"})))
