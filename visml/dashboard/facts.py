"""What a model says of itself, in a few lines: from model.json, whose keys may all be missing but the required ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from visml.dashboard.records import Epoch


def facts(description: dict[str, Any], epochs: Sequence[Epoch]) -> list[tuple[str, str]]:
    """Names and values of what is known of a model, in reading order; nothing unknown is listed."""
    recipe, data = _table(description, "recipe"), _table(description, "data")
    rows = [
        ("network", _network(description)),
        ("parameters", _number(description.get("parameters"))),
        ("input", _input(description.get("input_size"))),
        ("trained on", _pictures(data)),
        ("categories", _count(data.get("categories"))),
        ("epochs", _epochs(recipe, epochs)),
        ("steps", _number(description.get("step"))),
        ("time", _duration(sum(epoch.seconds or 0 for epoch in epochs))),
        ("batch", _batch(recipe)),
        ("objective", _objective(_table(recipe, "objective"))),
        ("optimizer", _optimizer(_table(recipe, "optimizer"))),
        ("precision", _text(recipe.get("precision"))),
        ("licence", _text(description.get("licence"))),
        ("weights", _digest(description.get("sha256"))),
    ]
    return [(name, value) for name, value in rows if value]


def _network(description: dict[str, Any]) -> str:
    width = _table(description, "arguments").get("width")
    shape = f", width {width:g}" if isinstance(width, (int, float)) else ""
    return f"{_text(description.get('family'))}{shape}"


def _input(size: Any) -> str:
    return f"{size} \N{MULTIPLICATION SIGN} {size} px" if isinstance(size, int) else ""


def _pictures(data: dict[str, Any]) -> str:
    training, validation = _number(data.get("training")), _number(data.get("validation"))
    return f"{training} pictures" + (f", {validation} kept for validation" if validation else "") if training else ""


def _epochs(recipe: dict[str, Any], epochs: Sequence[Epoch]) -> str:
    planned = _number(recipe.get("epochs"))
    done = f"{epochs[-1].number}" if epochs else ""
    return f"{done} of {planned}" if done and planned else done


def _batch(recipe: dict[str, Any]) -> str:
    size, crop = _number(recipe.get("batch")), _number(_table(recipe, "data").get("crop"))
    return f"{size} crops of {crop} px" if size and crop else size


def _objective(objective: dict[str, Any]) -> str:
    name, uniform = _text(objective.get("name")).replace("_", " "), objective.get("uniform")
    return f"{name}, rebalanced at λ {uniform:g}" if name and isinstance(uniform, (int, float)) else name


def _optimizer(optimizer: dict[str, Any]) -> str:
    rate, decay = optimizer.get("lr"), optimizer.get("weight_decay")
    parts = [f"lr {rate:g}" if isinstance(rate, (int, float)) else ""]
    parts.append(f"weight decay {decay:g}" if isinstance(decay, (int, float)) else "")
    return ", ".join(part for part in parts if part)


def _digest(value: Any) -> str:
    return f"sha256 {value[:12]}" if isinstance(value, str) else ""


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds <= 0:
        return ""
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{max(minutes, 1)} min"


def _table(content: dict[str, Any], key: str) -> dict[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> str:
    return str(len(value)) if isinstance(value, list) and value else ""


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else ""


def _text(value: Any) -> str:
    return value[:120] if isinstance(value, str) else ""
