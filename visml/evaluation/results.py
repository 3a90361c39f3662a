"""What an evaluation found, and the files that keep it."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, fields, is_dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from visml.evaluation.calibration import Calibration
from visml.evaluation.extremes import Example
from visml.evaluation.measures import PictureScores
from visml.evaluation.sweep import AtTemperature
from visml.evaluation.tally import Row, Tally

SCHEMA = 1
FILE, TABLE = "evaluation.json", "evaluation.csv"


@dataclass(frozen=True)
class Curves:
    """Accuracy curves of one method over all pictures.

    Attributes:
        method: as in :class:`~visml.evaluation.tally.Row`.
        raw: shares 0..1 of pixels with an error of at most t = 0, 1, .. 150.
        balanced: the same, each pixel counting 1/n of its true bin; None without a bin of 500 pixels.
    """

    method: str
    raw: tuple[float, ...]
    balanced: tuple[float, ...] | None


@dataclass(frozen=True)
class NamedPrior:
    """Which prior a ``prior_auc`` hangs on: the checkpoint's that it came with, and how much was counted for it."""

    name: str
    pictures: int
    pixels: int


@dataclass(frozen=True)
class Evaluation:
    """What a model is worth on a folder.

    Attributes:
        model: the checkpoint's name.
        model_sha256: of its weights; None for a network that came from no checkpoint.
        data: the folder's name.
        size: S, the side in pixels at which everything was compared.
        temperature: of decoding.
        precision: ``float32`` or ``bfloat16``, in which the model computed.
        prior: whose prior the baselines and ``prior_auc`` are made of; None without one.
        pictures: how many were scored.
        without_color: how many were passed over because they have no color to compare with.
        unreadable: how many could not be opened.
        seconds: how long it took.
        rows: scores, for each method over all pictures (category None), then for each category in turn.
        curves: one entry for each method.
        calibration: of the model's distributions; None for a model without bins.
        temperatures: scores at other temperatures; None for a model without bins, or when not asked for.
        best: up to 12 pictures of the least ``rmse_ab``, the best first.
        worst: up to 12 pictures of the greatest ``rmse_ab``, the worst first.
    """

    model: str
    model_sha256: str | None
    data: str
    size: int
    temperature: float
    precision: str
    prior: NamedPrior | None
    pictures: int
    without_color: int
    unreadable: int
    seconds: float
    rows: tuple[Row, ...]
    curves: tuple[Curves, ...]
    calibration: Calibration | None
    temperatures: tuple[AtTemperature, ...] | None
    best: tuple[Example, ...]
    worst: tuple[Example, ...]

    def row(self, method: str, category: str | None = None) -> Row:
        """The scores of a method, over all pictures or over one category's.

        Raises:
            KeyError: there are none.
        """
        for row in self.rows:
            if (row.method, row.category) == (method, category):
                return row
        raise KeyError((method, category))

    def to_json(self) -> dict[str, Any]:
        """The content of ``evaluation.json``."""
        return {"schema": SCHEMA} | {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    def save(self, folder: Path) -> Path:
        """Write ``evaluation.json`` and ``evaluation.csv`` into a folder, made if need be; returns the first's path."""
        with replacing(folder / TABLE) as file:
            write_rows(file, self.rows)
        with replacing(folder / FILE) as file:
            file.write(json.dumps(self.to_json(), indent=1, allow_nan=False) + "\n")
        return folder / FILE


def curves_of(method: str, tally: Tally) -> Curves:
    """A tally's accuracy curves, to six digits."""
    raw, balanced = tally.curves.raw(), tally.curves.balanced()
    return Curves(method, _digits(raw), None if np.isnan(balanced).any() else _digits(balanced))


def write_rows(file: IO[str], rows: tuple[Row, ...]) -> None:
    """Rows as CSV (RFC 4180), one a line, headed by their keys; what is None is left empty."""
    table = csv.writer(file)
    table.writerow(each.name for each in fields(Row))
    table.writerows(astuple(row) for row in rows)


class PictureTable:
    """A CSV file of the model's scores on every picture, written line by line in the order they are read."""

    def __init__(self, file: IO[str]) -> None:
        """Write the head: the keys of :class:`~visml.evaluation.measures.PictureScores`."""
        self._table = csv.writer(file)
        self._table.writerow(each.name for each in fields(PictureScores))

    def add(self, scores: PictureScores) -> None:
        """Write a line."""
        self._table.writerow(astuple(scores))


@contextmanager
def replacing(path: Path) -> Iterator[io.TextIOWrapper]:
    """A text file that takes the place of ``path``, in a folder made if need be, when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # Names of files need not be UTF-8; what is not is written as an escape.
        with new.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    """What JSON takes; of an example its scores alone."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Example):
        return asdict(value.scores)
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _digits(curve: npt.NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(share), 6) for share in curve)
