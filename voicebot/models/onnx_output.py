"""Has an ONNX model tell one of the figures that it computes on the way.

An ONNX file is a protobuf message, and a message with another one appended is read as both merged:
what is added to the list of outputs is a few bytes at the end. So no package is needed that reads
and writes such files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# Field numbers of onnx.proto: ModelProto.graph, GraphProto.node and .output, NodeProto.output and
# .op_type, ValueInfoProto.name.
_GRAPH: Final = 7
_NODE: Final = 1
_OUTPUT: Final = 12
_NODE_OUTPUT: Final = 2
_OPERATOR: Final = 4
_NAME: Final = 1

# Wire types: how long a field's value is.
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_FIXED: Final = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}


def with_output_of(operator: str, model: bytes) -> bytes:
    """Return ``model`` with what its only node of that ``operator`` gives as one more output.

    A model with no such node, with several, or which gives it already, is returned as it is.
    Raises ``ValueError`` where ``model`` is no such file.
    """
    found: list[bytes] = []
    told: list[bytes] = []
    for number, graph in _fields(memoryview(model)):
        if number != _GRAPH:
            continue
        for kind, item in _fields(graph):
            if kind == _NODE:
                found += _output_of(item, operator.encode())
            elif kind == _OUTPUT:
                told += [bytes(value) for name, value in _fields(item) if name == _NAME]
    if len(found) != 1 or found[0] in told:
        return model
    return model + _field(_GRAPH, _field(_OUTPUT, _field(_NAME, found[0])))


def _output_of(node: memoryview, operator: bytes) -> list[bytes]:
    fields = list(_fields(node))
    if not any(number == _OPERATOR and value == operator for number, value in fields):
        return []
    return [bytes(value) for number, value in fields if number == _NODE_OUTPUT]


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield number and value of the fields that have a length; the others are passed over."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            _, at = _varint(message, at)
        elif wire == _LENGTH:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise ValueError("the model's file is cut short")
            yield number, message[at : at + length]
            at += length
        elif wire in _FIXED:
            at += _FIXED[wire]
        else:
            raise ValueError("the model's file is no ONNX file")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return the number that begins ``at``, and where it ends."""
    value = shift = 0
    while at < len(message):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("the model's file is cut short")


def _field(number: int, value: bytes) -> bytes:
    return _written(number << 3 | _LENGTH) + _written(len(value)) + value


def _written(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
