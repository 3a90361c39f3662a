"""What a model says of itself, in a few lines: from model.json, whose keys may all be missing but the required ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from visml.dashboard import lenient
from visml.dashboard.records import Epoch


def facts(description: dict[str, Any], epochs: Sequence[Epoch]) -> list[tuple[str, str]]:
    """Names and values of what is known of a model, in reading order; nothing unknown is listed."""
    recipe, data = lenient.table(description, "recipe"), lenient.table(description, "data")
    rows = [
        ("network", _network(description)),
        ("parameters", _number(description.get("parameters"))),
        ("input", _input(description.get("input_size"))),
        ("trained on", _pictures(data)),
        ("categories", _count(data.get("categories"))),
        ("epochs", _epochs(recipe, epochs)),
        ("steps", _number(description.get("step"))),
        ("time", _duration(sum(epoch.seconds or 0 for epoch in epochs))),
        ("left out", _left_out(epochs)),
        ("started from", _text(recipe.get("start"))),
        ("batch", _batch(recipe)),
        ("objective", _objective(lenient.table(recipe, "objective"))),
        ("optimizer", _optimizer(lenient.table(recipe, "optimizer"))),
        ("precision", _text(recipe.get("precision"))),
        ("licence", _text(description.get("licence"))),
        ("weights", _digest(description.get("sha256"))),
    ]
    return [(name, value) for name, value in rows if value]


def _network(description: dict[str, Any]) -> str:
    width = _valued("width", lenient.table(description, "arguments").get("width"))
    return ", ".join(part for part in (_text(description.get("family")), width) if part)


def _input(size: Any) -> str:
    return f"{size} \N{MULTIPLICATION SIGN} {size} px" if isinstance(size, int) else ""


def _pictures(data: dict[str, Any]) -> str:
    training, validation = _number(data.get("training")), _number(data.get("validation"))
    return f"{training} pictures" + (f", {validation} kept for validation" if validation else "") if training else ""


def _epochs(recipe: dict[str, Any], epochs: Sequence[Epoch]) -> str:
    """How far it is; a history longer than its recipe holds the run that it started from."""
    planned, done = lenient.whole(recipe.get("epochs")), epochs[-1].number if epochs else 0
    if not done or not planned:
        return f"{done or ''}"
    return f"{done} of {planned}" if done <= planned else f"{done}, the last {planned} by this recipe"


def _batch(recipe: dict[str, Any]) -> str:
    size, crop = _number(recipe.get("batch")), _number(lenient.table(recipe, "data").get("crop"))
    return f"{size} crops of {crop} px" if size and crop else size


def _left_out(epochs: Sequence[Epoch]) -> str:
    """Training pictures that the last epoch could not use."""
    counts = {"unreadable": epochs[-1].unreadable, "too small": epochs[-1].small} if epochs else {}
    return ", ".join(f"{count:,} {why}" for why, count in counts.items() if count)


def _objective(objective: dict[str, Any]) -> str:
    name = _text(objective.get("name"))
    named = {key: "rebalanced at λ" if key == "uniform" else key for key in objective if key != "name"}
    settings = [_valued(text[:40], objective[key]) for key, text in named.items()]
    return ", ".join(part.replace("_", " ") for part in (name, *settings) if part) if name else ""


def _optimizer(optimizer: dict[str, Any]) -> str:
    rate, decay = _valued("lr", optimizer.get("lr")), _valued("weight decay", optimizer.get("weight_decay"))
    return ", ".join(part for part in (rate, _text(optimizer.get("schedule")), decay) if part)


def _valued(name: str, value: Any) -> str:
    known = lenient.number(value)
    return "" if known is None else f"{name} {known:g}"


def _digest(value: Any) -> str:
    return f"sha256 {value[:12]}" if isinstance(value, str) else ""


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds <= 0:
        return ""
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{max(minutes, 1)} min"


def _count(value: Any) -> str:
    return str(len(value)) if isinstance(value, list) and value else ""


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else ""


def _text(value: Any) -> str:
    return value[:120] if isinstance(value, str) else ""
