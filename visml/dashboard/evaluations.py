"""The ``evaluation.json`` of a checkpoint folder, read back: what is sound of it, since older files lack keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from visml.dashboard import lenient
from visml.dashboard.lenient import RecordRefused

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint

FILE = "evaluation.json"
MODEL, GRAY = "model", "gray"
ECE = "ece"
CURVE = 151  # shares of an accuracy curve: errors 0, 1, .. 150
_LONGEST = 200
_SHOWN = 24

Scores = dict[str, float]


@dataclass(frozen=True)
class Row:
    """One method's finite scores by their keys, over one category or, for None, all pictures."""

    method: str
    category: str | None
    scores: Scores


@dataclass(frozen=True)
class Curves:
    """A method's accuracy curves: 151 shares in 0..1; ``balanced`` is None where there is none."""

    method: str
    raw: tuple[float, ...]
    balanced: tuple[float, ...] | None


@dataclass(frozen=True)
class Part:
    """Positions whose confidence lies in ``low``..``high``; the means are None where there are none."""

    low: float
    high: float
    confidence: float | None
    accuracy: float | None
    positions: int


@dataclass(frozen=True)
class Calibration:
    """Expected calibration error, 0..1, the temperature it was taken at, and the parts of the reliability diagram."""

    ece: float
    temperature: float | None
    parts: tuple[Part, ...]

    def means(self) -> tuple[float, float] | None:
        """Mean confidence and accuracy over all positions, or None where there are none."""
        known = [part for part in self.parts if part.confidence is not None and part.accuracy is not None]
        total = sum(part.positions for part in known)
        if not total:
            return None
        confidence = sum((part.confidence or 0) * part.positions for part in known)
        return confidence / total, sum((part.accuracy or 0) * part.positions for part in known) / total


@dataclass(frozen=True)
class AtTemperature:
    """A model's scores at another temperature of decoding."""

    temperature: float
    auc: float | None
    balanced_auc: float | None
    colorfulness: float | None


@dataclass(frozen=True)
class Picture:
    """One of the best or worst pictures.

    Attributes:
        name: its path relative to the evaluated folder.
        sha256: of the file's bytes, "" where unknown.
        scores: by their keys.
        mean: mean a and b of the photo, None where unknown.
        painted_mean: the same of the coloring.
    """

    name: str
    sha256: str
    scores: Scores
    mean: tuple[float, float] | None
    painted_mean: tuple[float, float] | None


@dataclass(frozen=True)
class Evaluation:
    """What a checkpoint's file says of it.

    Attributes:
        name: the checkpoint's.
        data: name of the folder of pictures.
        size: side in pixels at which everything was compared, None where unknown.
        temperature: of decoding.
        precision: in which the model computed, "" where unknown.
        prior: the checkpoint whose prior the baselines are made of, and its number of pictures; "" where unknown.
        pictures: how many were scored.
        passed: how many had no color, and how many could not be opened.
        seconds: how long it took.
        told: the categories that the model was told of those pictures that lie in folders of these names.
        current: whether the checkpoint still has the weights that were scored.
        rows: scores of every method, over all pictures first.
        curves: accuracy curves of every method.
        calibration: None for a model without bins and in older files.
        temperatures: empty where no other temperature was tried.
        best: the best pictures, the best first; with ``worst`` empty in older files.
        worst: the worst pictures, the worst first.
    """

    name: str
    data: str
    size: int | None
    temperature: float | None
    precision: str
    prior: tuple[str, int | None]
    pictures: int | None
    passed: tuple[int, int]
    seconds: float | None
    told: tuple[str, ...]
    current: bool
    rows: tuple[Row, ...]
    curves: tuple[Curves, ...]
    calibration: Calibration | None
    temperatures: tuple[AtTemperature, ...]
    best: tuple[Picture, ...]
    worst: tuple[Picture, ...]

    def scores(self, method: str = MODEL, category: str | None = None) -> Scores:
        """The scores of a method, empty where it has none; the model's over all pictures with its ``ece``."""
        found = next((row.scores for row in self.rows if (row.method, row.category) == (method, category)), {})
        whole = self.calibration is not None and (method, category) == (MODEL, None)
        return found | {ECE: self.calibration.ece} if whole and self.calibration else found

    @property
    def has_bins(self) -> bool:
        """Whether the model gives distributions over bins."""
        return "accuracy" in self.scores()


def read_evaluation(checkpoint: Checkpoint) -> Evaluation:
    """What is sound of a checkpoint's evaluation.

    Raises:
        RecordRefused: there is none, or nothing that scores the model.
    """
    content = lenient.read_object(checkpoint.folder / FILE)
    rows = tuple(_rows(content))
    if not any(row.method == MODEL and row.category is None and row.scores for row in rows):
        raise RecordRefused(f"The {FILE} of '{checkpoint.name}' has no scores of the model.")
    prior = lenient.table(content, "prior")
    return Evaluation(
        name=checkpoint.name,
        data=_text(content.get("data")) or "an unnamed folder",
        size=lenient.whole(content.get("size")),
        temperature=lenient.number(content.get("temperature")),
        precision=_text(content.get("precision")),
        prior=(_text(prior.get("name")), lenient.whole(prior.get("pictures"))),
        pictures=lenient.whole(content.get("pictures")),
        passed=(lenient.whole(content.get("without_color")) or 0, lenient.whole(content.get("unreadable")) or 0),
        seconds=lenient.number(content.get("seconds")),
        told=checkpoint.told,
        current=content.get("model_sha256") in (None, checkpoint.model_sha256),
        rows=rows,
        curves=tuple(_curves(content)),
        calibration=_calibration(lenient.table(content, "calibration")),
        temperatures=tuple(_temperatures(content)),
        best=tuple(_pictures(content, "best")),
        worst=tuple(_pictures(content, "worst")),
    )


def _tables(content: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    return (item for item in lenient.items(content, key) if isinstance(item, dict))


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _scores(content: dict[str, Any]) -> Scores:
    found = ((key, lenient.number(value)) for key, value in content.items())
    return {key: value for key, value in found if value is not None}


def _rows(content: dict[str, Any]) -> Iterator[Row]:
    for item in _tables(content, "rows"):
        method, category = _text(item.get("method")), item.get("category")
        if method and (category is None or isinstance(category, str)):
            yield Row(method, None if category is None else _text(category), _scores(item))


def _curves(content: dict[str, Any]) -> Iterator[Curves]:
    for item in _tables(content, "curves"):
        method, raw, balanced = _text(item.get("method")), _curve(item, "raw"), _curve(item, "balanced")
        if method and raw is not None:
            yield Curves(method, raw, balanced)


def _curve(content: dict[str, Any], key: str) -> tuple[float, ...] | None:
    shares = [share for share in map(lenient.number, lenient.items(content, key)) if share is not None]
    return tuple(shares) if len(shares) == CURVE else None


def _calibration(content: dict[str, Any]) -> Calibration | None:
    ece = lenient.number(content.get("ece"))
    parts = tuple(part for part in map(_part, _tables(content, "parts")) if part is not None)
    return None if ece is None or not parts else Calibration(ece, lenient.number(content.get("temperature")), parts)


def _part(content: dict[str, Any]) -> Part | None:
    low, high, positions = (lenient.number(content.get(key)) for key in ("low", "high", "positions"))
    if low is None or high is None or positions is None or positions < 0:
        return None
    confidence, accuracy = (lenient.number(content.get(key)) for key in ("confidence", "accuracy"))
    return Part(low, high, confidence, accuracy, int(positions))


def _temperatures(content: dict[str, Any]) -> Iterator[AtTemperature]:
    for item in _tables(content, "temperatures"):
        temperature = lenient.number(item.get("temperature"))
        if temperature is not None:
            values = (lenient.number(item.get(key)) for key in ("auc", "balanced_auc", "colorfulness"))
            yield AtTemperature(temperature, *values)


def _pictures(content: dict[str, Any], key: str) -> Iterator[Picture]:
    for item in list(_tables(content, key))[:_SHOWN]:
        if _text(item.get("picture")):
            means = _pair(item, "mean_a", "mean_b"), _pair(item, "painted_mean_a", "painted_mean_b")
            yield Picture(_text(item.get("picture")), _text(item.get("sha256")), _scores(item), *means)


def _pair(content: dict[str, Any], *keys: str) -> tuple[float, float] | None:
    a, b = (lenient.number(content.get(key)) for key in keys)
    return None if a is None or b is None else (a, b)
