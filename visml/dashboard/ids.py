"""Names of the page's parts that callbacks and scripts both use."""

from __future__ import annotations

CATALOG = "catalog"  # what can be opened: photos, models, limits
NOTICE = "notice"  # one sentence from a server callback to the reader

MODEL = "model"
TOLD = "told"
CATEGORY = "category"
PAGES = ("inspect", "compare", "colors", "training", "evaluation")
