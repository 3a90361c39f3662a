"""Names of the page's parts that callbacks and scripts both use."""

from __future__ import annotations

CATALOG = "catalog"  # what can be opened: photos, models, limits
ASKED = "asked"  # which photo and model the page wants open
TRACE = "trace"  # what the server says of the opened photo
NOTICE = "notice"  # one sentence from a server callback to the reader

MODEL = "model"
TEMPERATURE = "temperature"
PRIOR = "prior"
CATEGORY = "category"
PAGES = ("inspect", "compare", "colors", "training", "evaluation")
