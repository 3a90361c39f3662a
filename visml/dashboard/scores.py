"""The scores of a coloring as the page names and explains them; :mod:`visml.metrics` defines them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """A score: its key in the page's scripts, its name with its unit, and what it means."""

    key: str
    label: str
    hint: str


PSNR = Score("psnr", "PSNR, dB", "Peak signal-to-noise ratio of the RGB values: more is nearer to the photo.")
CIEDE2000 = Score("ciede2000", "CIEDE2000", "Mean color difference: 0 is equal, about 1 just visible.")
AUC = Score("auc", "AuC, %", "Share of pixels whose ab error is at most t, averaged over t from 0 to 150.")
COLORFULNESS = Score(
    "colorfulness",
    "colorfulness",
    "Hasler and Suesstrunk 2003, signed. The photo's own is the one to compare with.",
)
COLORFULNESS_DIFFERENCE = Score(
    "colorfulness_difference",
    "colorfulness difference",
    "Colorfulness less that of the photo: below 0 the coloring is duller, above 0 it is louder.",
)

SCORES = (PSNR, CIEDE2000, AUC, COLORFULNESS)
GRID_SCORES = (PSNR, CIEDE2000, AUC, COLORFULNESS_DIFFERENCE)
