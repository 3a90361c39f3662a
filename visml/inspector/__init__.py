"""``Inspector(model).open(photo) -> Inspection``: what notebooks, the command line and the dashboard go through."""

from __future__ import annotations

from visml.inspector.inspection import BinShare, Inspection
from visml.inspector.inspector import Inspector

__all__ = ["BinShare", "Inspection", "Inspector"]
