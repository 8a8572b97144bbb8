"""A model is made to tell a figure of its own, without a package that writes ONNX files."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from voicebot.models.onnx_output import with_output_of


def field(number: int, value: bytes | int) -> bytes:
    """A field of a protobuf message; everything here is shorter than 128 bytes or a small int."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    head = [number << 3 | 2]
    rest = len(value)
    while rest > 0x7F:
        rest, low = rest >> 7, rest & 0x7F
        return bytes([*head, low | 0x80, rest]) + value
    return bytes([*head, rest]) + value


def node(operator: str, before: str, after: str) -> bytes:
    return field(
        1, field(1, before.encode()) + field(2, after.encode()) + field(4, operator.encode())
    )


def floats(name: str) -> bytes:
    """A value of the graph: a list of floats of any length."""
    shape = field(2, field(1, field(2, b"n")))
    return field(1, name.encode()) + field(2, field(1, field(1, 1) + shape))


def model(*operators: str, tells: tuple[str, ...] = ()) -> bytes:
    """A model that passes its input ``x`` through ``operators``, the last of which gives ``y``."""
    names = ["x", *(f"t{number}" for number in range(1, len(operators))), "y"]
    nodes = b"".join(
        node(operator, before, after)
        for operator, before, after in zip(operators, names, names[1:], strict=False)
    )
    outputs = b"".join(field(12, floats(name)) for name in ("y", *tells))
    graph = nodes + field(2, b"g") + field(11, floats("x")) + outputs
    return field(1, 8) + field(8, field(2, 17)) + field(7, graph)


def run(made: bytes) -> list[list[float]]:
    session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
    told = session.run(None, {"x": np.array([1.2, 2.7], np.float32)})
    return [one.tolist() for one in told]


def test_the_figure_is_told_after_the_models_own_output():
    made = model("Ceil", "Neg")

    assert run(made) == [[-2.0, -3.0]]
    assert run(with_output_of("Ceil", made)) == [[-2.0, -3.0], [2.0, 3.0]]


@pytest.mark.parametrize(
    "made",
    [model("Neg", "Abs"), model("Ceil", "Ceil"), model("Ceil", "Neg", tells=("t1",))],
    ids=["no such node", "two of them", "told already"],
)
def test_a_model_in_which_it_is_not_clear_stays_as_it_is(made: bytes):
    assert with_output_of("Ceil", made) == made


@pytest.mark.parametrize(
    "broken", [b"nonsense", model("Ceil", "Neg")[:-3], b"\x3a\xff\xff\xff\xff\x0f", b"\x3a\x80"]
)
def test_what_is_no_model_is_an_error(broken: bytes):
    with pytest.raises(ValueError, match="the model's file"):
        with_output_of("Ceil", broken)
