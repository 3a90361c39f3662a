"""Tables of an opened photo as CSV, each row whole in itself: photo, model, told and layer stand in every one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from visml.inspector.shown import ExportRefused, Shown

Row = Sequence[Any]
_WHAT = ["photo", "model", "told"]
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """A table in UTF-8, one line of column names first; numbers read back to the same float32.

    Text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULAS) else value
    return int(value) if isinstance(value, bool | np.bool_) else value


def filters(shown: Shown) -> bytes:
    """Statistics of each filter of the layer."""
    summary = shown.traced.summary
    names = ["mean", "std", "min", "max"]
    columns: list[Any] = [summary.mean, summary.std, summary.min, summary.max]
    if summary.active_share is not None:
        names += ["active share (0 to 1)", "silent (1 is yes)"]
        columns += [summary.active_share, summary.silent]
    head = [*_WHAT, "layer", "filter", *names]
    return to_csv(head, (_of(shown, number, *values) for number, *values in zip(*_counted(columns), strict=True)))


def histogram(shown: Shown) -> bytes:
    """How often the layer's values fall into each of 64 equal parts of their range."""
    found = shown.traced.histogram
    edges = np.linspace(found.low, found.high, len(found.counts) + 1)
    rows = zip(edges[:-1].tolist(), edges[1:].tolist(), found.counts.tolist(), strict=True)
    return to_csv([*_WHAT, "layer", "from", "to", "count"], (_of(shown, *row) for row in rows))


def one_map(shown: Shown, index: int) -> bytes:
    """What one filter gives at each position.

    Raises:
        ExportRefused: the layer has no such filter.
    """
    maps = shown.traced.maps
    if not 0 <= index < len(maps):
        raise ExportRefused("This layer has no such filter.")
    head = [*_WHAT, "layer", "filter", "row", "column", "value"]
    return to_csv(head, (_of(shown, index, *place, value) for place, value in np.ndenumerate(maps[index])))


def distribution(shown: Shown) -> bytes:
    """The pixel's probability of each bin: the network's own, and as the temperature sharpens it."""
    plain, annealed = shown.probabilities(), shown.probabilities(shown.temperature)
    centers = np.asarray(shown.inspection.centers)
    head = [*_WHAT, "x (px)", "y (px)", "prior divided out", "temperature"]
    head += ["bin", "a (Lab units)", "b (Lab units)", "probability at T 1", "probability at temperature"]
    at = (*_what(shown), shown.x, shown.y, shown.prior, shown.temperature)
    return to_csv(head, ((*at, *row) for row in zip(*_counted([*centers.T, plain, annealed]), strict=True)))


def output(shown: Shown) -> bytes:
    """The predicted color of each position, and how unsure the network is of it."""
    ab, entropy = shown.output.ab(shown.temperature), shown.entropy()
    head = [*_WHAT, "prior divided out", "temperature", "row", "column", "a (Lab units)", "b (Lab units)"]
    at = (*_what(shown), shown.prior, shown.temperature)
    if entropy is None:
        return to_csv(head, ((*at, *place, *ab[:, *place]) for place in np.ndindex(*ab.shape[1:])))
    rows = ((*at, *place, *ab[:, *place], entropy[place]) for place in np.ndindex(*ab.shape[1:]))
    return to_csv([*head, "entropy (bits)"], rows)


TABLES: dict[str, Callable[[Shown], bytes]] = {
    "filters": filters,
    "histogram": histogram,
    "distribution": distribution,
    "output": output,
}


def _what(shown: Shown) -> tuple[str, str, str]:
    return shown.photo, shown.model, shown.told


def _of(shown: Shown, *values: Any) -> tuple[Any, ...]:
    return (*_what(shown), shown.layer, *values)


def _counted(columns: Sequence[Any]) -> Iterator[Any]:
    """The columns, a column of row numbers before them."""
    yield range(len(columns[0]))
    yield from columns
