"""The scores of a coloring as the page names and explains them; :mod:`visml.metrics` defines them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """A score: its key in the page's scripts, its name with its unit, and the term that explains it."""

    key: str
    label: str
    term: str


PSNR = Score("psnr", "PSNR, dB", "psnr")
CIEDE2000 = Score("ciede2000", "CIEDE2000", "ciede2000")
AUC = Score("auc", "AuC, %", "auc")
COLORFULNESS = Score("colorfulness", "colorfulness", "colorfulness")
COLORFULNESS_DIFFERENCE = Score("colorfulness_difference", "colorfulness difference", "colorfulness")

SCORES = (PSNR, CIEDE2000, AUC, COLORFULNESS)
GRID_SCORES = (PSNR, CIEDE2000, AUC, COLORFULNESS_DIFFERENCE)
