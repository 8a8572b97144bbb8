"""Asterisk's own description of ARI, read into types: one JSON file per resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from voicebot.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

INDEX = "resources.json"


class AllowableValues(msgspec.Struct, rename="camel"):
    """``LIST``: the values that are allowed. ``RANGE``: bounds, given elsewhere."""

    value_type: str
    values: list[str] = []


class Parameter(msgspec.Struct, rename="camel"):
    """A parameter of an operation. ``param_type`` is path, query or body."""

    name: str
    param_type: str
    data_type: str
    required: bool = False
    allow_multiple: bool = False
    default_value: Any = None
    allowable_values: AllowableValues | None = None

    @property
    def needed(self) -> bool:
        """Whether a call must give it; a path has no gaps, whatever the description says."""
        return self.required or self.param_type == "path"


class ErrorResponse(msgspec.Struct):
    """An error status that an operation announces; some are written as text."""

    code: int | str


class Operation(msgspec.Struct, rename="camel"):
    """One operation: an HTTP method on a path."""

    http_method: str
    nickname: str
    response_class: str
    parameters: list[Parameter] = []
    error_responses: list[ErrorResponse] = []
    upgrade: str | None = None

    def given_in(self, param_type: str) -> list[Parameter]:
        """Return the parameters that travel in the path, the query or the body."""
        return [each for each in self.parameters if each.param_type == param_type]


class Api(msgspec.Struct):
    """A path and its operations."""

    path: str
    operations: list[Operation]


class Property(msgspec.Struct, rename="camel"):
    """A field of a model."""

    type: str
    required: bool = False
    allowable_values: AllowableValues | None = None


class Model(msgspec.Struct, rename="camel"):
    """A model: what an answer or an event is made of."""

    id: str
    properties: dict[str, Property]
    sub_types: list[str] = []


class ResourceDescription(msgspec.Struct):
    """One resource. ``name`` is ARI's: ``channels``, ``deviceStates``."""

    apis: list[Api]
    models: dict[str, Model] = {}
    name: str = ""

    @property
    def operations(self) -> list[tuple[str, Operation]]:
        """The operations with their paths, in the order of the description."""
        return [(api.path, operation) for api in self.apis for operation in api.operations]


def read(folder: Path) -> list[ResourceDescription]:
    """Return the resources described in ``folder``, by name.

    Asterisk installs it as ``/usr/share/asterisk/rest-api``. Raises ``ConfigError``.
    """
    files = sorted(file for file in folder.glob("*.json") if file.name != INDEX)
    if not files:
        raise ConfigError(f"{folder}: no description of ARI (*.json) in this folder")
    return [_read_one(file) for file in files]


def _read_one(file: Path) -> ResourceDescription:
    try:
        resource = msgspec.json.decode(file.read_bytes(), type=ResourceDescription)
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{file}: not a description of an ARI resource: {error}") from error
    resource.name = file.stem
    return resource
