"""All evaluations side by side: which compare with each other, and which is best by which score."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from visml.dashboard import lenient
from visml.dashboard.evaluations import ECE, FILE, GRAY, MODEL, Evaluation, Scores, read_evaluation
from visml.dashboard.lenient import RecordRefused

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint

Better = Literal["more", "less", "zero", ""]
DEFAULT = "balanced_auc"
_BETTER: dict[str, Better] = {
    DEFAULT: "more",
    "auc": "more",
    "psnr": "more",
    "ssim": "more",
    "ciede2000": "less",
    "rmse_ab": "less",
    "colorfulness": "",
    "colorfulness_difference": "zero",
    "accuracy": "more",
    "relaxed_accuracy": "more",
    ECE: "less",
}
_TITLES = {
    "colorfulness_difference": "colorfulness to photos",
    "accuracy": "top-1",
    "relaxed_accuracy": "top-5",
    ECE: "ECE",
}
_ECE_MEANING = (
    "Expected calibration error: by how much confidence and accuracy differ, over all positions at T = 1; 0 is a model "
    "that is right as often as it is sure."
)
_SAME = 1e-3  # two runs over the same pictures differ by less


@dataclass(frozen=True)
class Metric:
    """A column: its key, its heading, how a value is written, which values are better, and what it is."""

    key: str
    title: str
    form: str
    better: Better
    meaning: str

    def text(self, value: float | None) -> str:
        """A value as people read it, a dash for None."""
        return "\N{EN DASH}" if value is None else format(value, self.form).replace("-", "\N{MINUS SIGN}")

    def merit(self, value: float) -> float:
        """How good a value is: more is better."""
        return {"more": value, "less": -value, "zero": -abs(value), "": 0.0}[self.better]


def metrics() -> tuple[Metric, ...]:
    """Every column of the page, in reading order."""
    from visml.evaluation.definitions import SCORES

    defined = {each.key: each for each in SCORES}
    made = [
        Metric(key, _TITLES.get(key, defined[key].title), defined[key].form, better, defined[key].meaning)
        for key, better in _BETTER.items()
        if key in defined
    ]
    return (*made, Metric(ECE, _TITLES[ECE], ".1%", _BETTER[ECE], _ECE_MEANING))


@dataclass(frozen=True)
class Baseline:
    """What every model is beside: a method, whose training colors it uses where that matters, and its scores."""

    method: str
    owner: str
    scores: Scores

    @property
    def name(self) -> str:
        """The method for people."""
        return self.method.replace("_", " ") + (f" of {self.owner}" if self.owner else "")


@dataclass(frozen=True)
class Group:
    """Models scored on the same pictures at the same size, the best by class-balanced AuC first."""

    evaluations: tuple[Evaluation, ...]

    @property
    def data(self) -> str:
        """Name of the folder."""
        return self.evaluations[0].data

    @property
    def told(self) -> str:
        """How many pictures at which size, for people."""
        count, size = self.evaluations[0].pictures, self.evaluations[0].size
        parts = (
            "" if count is None else f"{count:,} pictures",
            "" if size is None else f"{size} \N{MULTIPLICATION SIGN} {size} px",
        )
        return " \N{MIDDLE DOT} ".join(part for part in parts if part)

    @property
    def key(self) -> str:
        """Changes with the models in it."""
        return _digest("\n".join(each.name for each in self.evaluations))

    def baselines(self) -> tuple[Baseline, ...]:
        """Each baseline once; one that hangs on a training set once for every one that gives other numbers."""
        found: list[tuple[str, str, Scores]] = []
        for evaluation in self.evaluations:
            for row in evaluation.rows:
                if row.method != MODEL and row.category is None and not _known(row.method, row.scores, found):
                    found.append((row.method, evaluation.name, row.scores))
        methods = [method for method, _, _ in found]
        order = {method: place for place, method in enumerate(dict.fromkeys([GRAY, *methods]))}
        named = [Baseline(m, owner if methods.count(m) > 1 else "", scores) for m, owner, scores in found]
        return tuple(sorted(named, key=lambda baseline: order[baseline.method]))

    def categories(self) -> tuple[str, ...]:
        """The categories that any model has scores of, by name."""
        names = {row.category for each in self.evaluations for row in each.rows}
        return tuple(sorted(name for name in names if name is not None))

    def best(self, metric: Metric) -> float | None:
        """The merit of the best of several models, None for a score that ranks nothing and for a single model."""
        merits = [metric.merit(value) for value in self._values(metric)]
        return max(merits) if metric.better and len(merits) > 1 else None

    def beaten(self, metric: Metric) -> float:
        """The merit of the best model, which a baseline may surpass."""
        values = [metric.merit(value) for value in self._values(metric)]
        return max(values, default=math.inf) if metric.better else math.inf

    def _values(self, metric: Metric) -> Iterator[float]:
        return (value for each in self.evaluations if (value := each.scores().get(metric.key)) is not None)


@dataclass(frozen=True)
class Board:
    """Every checkpoint's evaluation.

    Attributes:
        groups: of evaluations that compare, the largest first, those of one folder together.
        missing: names of the models that have none.
        broken: names of those whose file cannot be read, each with a sentence.
        state: changes whenever a file does.
    """

    groups: tuple[Group, ...]
    missing: tuple[str, ...]
    broken: tuple[tuple[str, str], ...]
    state: str

    def find(self, model: str) -> Evaluation | None:
        """A model's evaluation, or None."""
        return next((each for group in self.groups for each in group.evaluations if each.name == model), None)

    def group_of(self, model: str) -> Group | None:
        """The group that a model is in; the first for a model that is in none; None where nothing was evaluated."""
        holding = (group for group in self.groups if any(each.name == model for each in group.evaluations))
        return next(holding, self.groups[0] if self.groups else None)

    def metrics(self) -> tuple[Metric, ...]:
        """The columns in which anything has a value."""
        present = {key for group in self.groups for each in group.evaluations for key in each.scores()}
        return tuple(metric for metric in metrics() if metric.key in present)


def read_board(checkpoints: Iterable[Checkpoint]) -> Board:
    """The evaluations of all checkpoints; companions paint nothing and are passed over."""
    painters = [checkpoint for checkpoint in checkpoints if not checkpoint.companion]
    found, missing, broken = [], [], []
    for checkpoint in painters:
        try:
            found.append(read_evaluation(checkpoint))
        except RecordRefused as refusal:
            if (checkpoint.folder / FILE).exists():
                broken.append((checkpoint.name, str(refusal)))
            else:
                missing.append(checkpoint.name)
    state = "\n".join(f"{each.name} {each.model_sha256} {lenient.version(each.folder / FILE)}" for each in painters)
    return Board(_grouped(found), tuple(missing), tuple(broken), _digest(state))


def _grouped(evaluations: Sequence[Evaluation]) -> tuple[Group, ...]:
    groups: list[list[Evaluation]] = []
    for evaluation in evaluations:
        same = next((group for group in groups if _same_pictures(group[0], evaluation)), None)
        if same is None:
            groups.append([evaluation])
        else:
            same.append(evaluation)
    made = [Group(tuple(sorted(group, key=_rank))) for group in groups]
    largest = {group.data: max(len(each.evaluations) for each in made if each.data == group.data) for group in made}
    return tuple(sorted(made, key=lambda each: (-largest[each.data], each.data, -len(each.evaluations))))


def _rank(evaluation: Evaluation) -> tuple[float, str]:
    return -evaluation.scores().get(DEFAULT, -math.inf), evaluation.name


def _same_pictures(one: Evaluation, other: Evaluation) -> bool:
    """Whether two compare: the same folder and size, and the same scores of plain gray, which hang on nothing else."""
    told = (one.data, one.pictures, one.size) == (other.data, other.pictures, other.size)
    return told and _close(one.scores(GRAY), other.scores(GRAY))


def _known(method: str, scores: Scores, found: Sequence[tuple[str, str, Scores]]) -> bool:
    return any(method == known and _close(scores, others) for known, _, others in found)


def _close(one: Scores, other: Scores) -> bool:
    shared = (one.keys() & other.keys() & _BETTER.keys()) - {ECE}
    return all(abs(one[key] - other[key]) < _SAME for key in shared)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
