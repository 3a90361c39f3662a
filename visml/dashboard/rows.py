"""One row of the gallery grid: a photo's cells, those that are kept, and at most one model's that are computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import BadRequest

from visml.dashboard import describe
from visml.dashboard.cells import Cell, Cells
from visml.dashboard.context import Context
from visml.images.decode import Photo
from visml.settings import Refused

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint

MOST = 64  # columns of a row


@dataclass(frozen=True)
class Column:
    """One asked-for column.

    Attributes:
        model: a checkpoint's name.
        temperature: None for the model's usual one.
        category: what the model is told that the photo shows; None for nothing.
    """

    model: str
    temperature: float | None
    category: str | None

    @classmethod
    def read(cls, model: Any, temperature: Any, category: Any = None) -> Column:
        """What an entry of a request's JSON asks.

        Raises:
            ValueError, TypeError, OverflowError: the temperature is none.
        """
        return cls(str(model), _temperature(temperature), None if category is None else str(category))


@dataclass(frozen=True)
class Asked:
    """A question of the page: a photo's key, and the columns to show it in."""

    photo: str
    columns: tuple[Column, ...]

    @classmethod
    def read(cls, value: Any) -> Asked:
        """What a request's JSON asks.

        Raises:
            BadRequest: it is not ``{"photo": key, "columns": [[model, temperature or null, category or null], ...]}``;
                the category may be left out.
        """
        try:
            columns = tuple(Column.read(*each) for each in value["columns"])
            asked = cls(str(value["photo"]), columns)
        except (TypeError, KeyError, ValueError, OverflowError):
            raise BadRequest from None
        if len(columns) > MOST:
            raise BadRequest
        return asked


@dataclass(frozen=True)
class Row:
    """A photo's row.

    Attributes:
        has_color: whether the photo has.
        gray: the photo without its color.
        cells: one for each asked column: a cell, a sentence where there can be none, or None where it is still to be
            computed.
    """

    has_color: bool
    gray: Cell
    cells: tuple[Cell | str | None, ...]


def read_row(context: Context, cells: Cells, asked: Asked) -> Row:
    """What is kept of a row; of what is not, the cells of one model, told one thing, are computed.

    Raises:
        PhotoRefused: there is no such photo, or it cannot be opened.
    """
    photo = context.gallery.photo(asked.photo)
    models = {checkpoint.name: checkpoint for checkpoint in context.checkpoints()[0]}
    found = {column: _kept(cells, photo, models.get(column.model), column) for column in asked.columns}
    missing = [column for column, cell in found.items() if cell is None]
    if missing:
        same = [each for each in missing if (each.model, each.category) == (missing[0].model, missing[0].category)]
        found |= _computed(cells, photo, models[missing[0].model], same)
    return Row(photo.has_color, cells.gray(photo), tuple(found[column] for column in asked.columns))


def _kept(cells: Cells, photo: Photo, model: Checkpoint | None, column: Column) -> Cell | str | None:
    """What is kept of a cell, a sentence where there is no such model, or None."""
    if model is None:
        return "There is no such model here."
    return cells.find(cells.handle(photo, model, _decoded_at(model, column), column.category))


def _computed(cells: Cells, photo: Photo, model: Checkpoint, columns: list[Column]) -> dict[Column, Cell | str | None]:
    """The cells of a model's columns, all of one category, or a sentence for each."""
    try:
        made = cells.colored(photo, model, [_decoded_at(model, column) for column in columns], columns[0].category)
    except Refused as refusal:
        return dict.fromkeys(columns, str(refusal))
    return dict(zip(columns, made, strict=True))


def _decoded_at(model: Checkpoint, column: Column) -> float:
    return describe.usual_temperature(model) if column.temperature is None else column.temperature


def _temperature(value: Any) -> float | None:
    """A temperature in 0..1 or None.

    Raises:
        ValueError, TypeError, OverflowError: it is neither.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not math.isfinite(value) or not 0 <= value <= 1:
        raise ValueError("not a temperature")
    return float(value)
