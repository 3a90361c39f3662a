"""Questions asked of an opened photo by address: ``GET /ask/<trace>/<question>?...``.

An answer hangs on its address alone, so the browser keeps it. What takes long is asked in parts by the page, which
can stop between two of them: no question of this server runs for long.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.datastructures import MultiDict

from visml.activations.store import is_handle
from visml.dashboard.bodies import Bodies
from visml.dashboard.context import Context
from visml.dashboard.routes import gone, kept
from visml.settings import Refused

if TYPE_CHECKING:
    from visml.insight.region import Region
    from visml.inspector import Inspection

LONGEST = 4000
ROOM = 16 * 10**6  # bytes of answers kept for each question


class QuestionRefused(Refused):
    """A question whose address says something that means nothing."""


@dataclass(frozen=True)
class Asked:
    """What an address says beside the question's name."""

    values: MultiDict[str, str]

    def text(self, name: str, default: str = "") -> str:
        """A text, as it is written."""
        return self.values.get(name, default)

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        """A number from ``low`` to ``high``.

        Raises:
            QuestionRefused: it is none, or missing without a default.
        """
        text = self.values.get(name)
        if text is None and default is not None:
            return default
        try:
            value = float(text or "")
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise QuestionRefused(f"'{name}' must be a number from {low:g} to {high:g}.")
        return value

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from ``low`` to ``high``.

        Raises:
            QuestionRefused: it is none, or missing without a default.
        """
        value = self.number(name, low, high, default)
        if value != int(value):
            raise QuestionRefused(f"'{name}' must be a whole number from {low} to {high}.")
        return int(value)

    def choice(self, name: str, values: tuple[str, ...]) -> str:
        """One of some words, the first where nothing is said.

        Raises:
            QuestionRefused: it is another word.
        """
        value = self.values.get(name, values[0])
        if value not in values:
            raise QuestionRefused(f"'{name}' must be one of {', '.join(values)}.")
        return value

    def region(self, size: int) -> Region:
        """A part of a photo of ``size`` x ``size`` pixels, the whole of it where nothing is said.

        Raises:
            InsightRefused: it is written in another way.
        """
        from visml.insight.region import Region

        text = self.values.get("region")
        return Region.whole(size) if text is None else Region.parse(text)


Answer = Callable[["Inspection", Asked], bytes]


def answer(
    server: Flask, context: Context, question: str, mimetype: str, encode: Answer, *, lasting: bool = True
) -> None:
    """Puts a question on the server; what ``encode`` refuses is answered by 422 and its sentence.

    An answer that may be another the next time is not ``lasting``, and kept nowhere.
    """
    bodies = Bodies(max_bytes=ROOM)

    def view(handle: str) -> Response:
        address = f"{handle}?{request.query_string.decode('ascii', 'replace')}"
        if len(address) > LONGEST:
            raise QuestionRefused("This question is too long.")
        body = bodies.get(address) if lasting else None
        if body is None:
            inspection = context.answering(handle) if is_handle(handle) else None
            if inspection is None:
                return gone()
            body = encode(inspection, Asked(request.args))
            if lasting:
                bodies.put(address, body)
        response = Response(body, mimetype=mimetype)
        if lasting:
            return kept(response)
        response.headers["Cache-Control"] = "no-store"
        return response

    server.add_url_rule(f"/ask/<handle>/{question}", f"ask/{question}", view)
