"""The ARI client against the description that the Asterisk of these tests ships."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import voicebot.ari
from tests.ari.table import FILE, described
from voicebot.ari.generate import generate
from voicebot.ari.generate.description import read
from voicebot.ari.generate.wording import MODELS, OPERATIONS

if TYPE_CHECKING:
    from tests.asterisk.server import AsteriskServer

ROOM = Path(voicebot.ari.__file__).parent


def test_the_table_of_operations_is_that_of_the_installed_asterisk(pbx: AsteriskServer) -> None:
    assert described(pbx.rest_api) == FILE.read_text().splitlines()


def test_the_committed_modules_are_those_of_the_installed_asterisk(pbx: AsteriskServer) -> None:
    modules = generate(pbx.rest_api)

    differing = [path for path, text in modules.items() if (ROOM / path).read_text() != text]
    assert differing == []
    there = {f"resources/{file.name}" for file in (ROOM / "resources").glob("*.py")}
    assert there | {"models.py"} == set(modules)


def test_every_operation_and_model_is_worded_and_nothing_else(pbx: AsteriskServer) -> None:
    resources = read(pbx.rest_api)

    operations = {f"{one.name}.{each.nickname}" for one in resources for _, each in one.operations}
    assert set(OPERATIONS) == operations
    assert set(MODELS) == {name for one in resources for name in one.models}
