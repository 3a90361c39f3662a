"""The questions under "Ask why", in the order of their tabs."""

from __future__ import annotations

from types import ModuleType

from visml.dashboard.panels import lens, off, patches, samples, transplant, trust, what_if, why

# the state's word for it, its tab's title, its panel
QUESTIONS: tuple[tuple[str, str, ModuleType], ...] = (
    ("off", "Switch off", off),
    ("lens", "Color lens", lens),
    ("why", "Why here", why),
    ("patches", "Top patches", patches),
    ("what-if", "What if", what_if),
    ("transplant", "Transplant", transplant),
    ("samples", "Samples", samples),
    ("trust", "Trust", trust),
)
