"""The questions under "Ask why", in the order of their tabs."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

from visml.dashboard.panels import lens, off, patches, samples, transplant, trust, what_if, why


@dataclass(frozen=True)
class Question:
    """A question: the state's word for it, its tab's title, what it asks in a person's words, and its panel."""

    name: str
    title: str
    asks: str
    panel: ModuleType


QUESTIONS = (
    Question("off", "Switch off", "Which filters make this color?", off),
    Question("lens", "Color lens", "How much color is there already at each layer?", lens),
    Question("why", "Why here", "Which part of the photo makes the color here?", why),
    Question("patches", "Top patches", "What does this filter look for?", patches),
    Question("what-if", "What if", "What if the photo were lighter, softer, inverted?", what_if),
    Question("transplant", "Transplant", "At which layer is a color decided?", transplant),
    Question("samples", "Samples", "What else could the colors have been?", samples),
    Question("trust", "Trust", "Is it right as often as it is sure?", trust),
)
