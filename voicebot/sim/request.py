"""One ARI request and its answer, apart from HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voicebot.sim.exchange import Exchange

OK = 200
CREATED = 201


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose operation is known.

    ``path`` holds the parts of the path, ``query`` the query's parameters, ``body`` the decoded
    JSON, which may hold parameters too.
    """

    exchange: Exchange
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]

    def get(self, name: str) -> str:
        """Return a parameter, empty when it is not given."""
        value = self.body.get(name, self.query.get(name, ""))
        return str(value)

    def variables(self) -> Mapping[str, str]:
        """Return the channel variables that the body sets."""
        variables: Mapping[str, str] = self.body.get("variables") or {}
        return variables

    def arguments(self) -> list[str]:
        """Return what ``appArgs`` hands to the application."""
        arguments = self.get("appArgs")
        return arguments.split(",") if arguments else []


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: JSON, or nothing with 204."""

    body: Any
    status: int = OK


NO_CONTENT = Answer(None, 204)

Handler: TypeAlias = "Callable[[Request], Answer]"
"""Does one operation. Raises ``Refusal`` for what Asterisk would refuse."""
