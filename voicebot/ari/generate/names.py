"""From ARI's names and types to Python's."""

from __future__ import annotations

import keyword
import re

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
_LIST = re.compile(r"List\[(\w+)\]")

_TYPES = {
    "string": "str",
    "int": "int",
    "long": "int",
    "double": "float",
    "boolean": "bool",
    "Date": "Date",
    "object": "dict[str, Any]",
    "binary": "bytes",
    "void": "None",
}

# What a body parameter carries. One of dataType 'object' is the whole body, the others are a key
# in it; the description tells the shape in prose only.
_BODIES = {"fields": "Sequence[Mapping[str, str]]"}


def snake(name: str) -> str:
    """Return ``name`` in snake case: ``sendDTMF`` → ``send_dtmf``, ``from`` → ``from_``."""
    text = "_".join(word.lower() for part in name.split("_") for word in _WORD.findall(part))
    return f"{text}_" if keyword.iskeyword(text) else text


def title(name: str) -> str:
    """Return the class name of a resource: ``deviceStates`` → ``DeviceStates``."""
    return name[0].upper() + name[1:]


def python_type(name: str) -> str:
    """Return the Python type for a type of the description, ``List[string]`` included."""
    if match := _LIST.fullmatch(name):
        return f"tuple[{python_type(match[1])}, ...]"
    return _TYPES.get(name, name)


def parameter_type(name: str, data_type: str, *, multiple: bool) -> str:
    """Return the Python type of an operation's parameter."""
    if data_type in ("containers", "object"):
        return _BODIES.get(name, "Mapping[str, Any]")
    return "str | Sequence[str]" if multiple else python_type(data_type)
