"""Charts as plain plotly dictionaries, made of numpy arrays: one look, no dash, no torch."""

from visml.figures.gamut import bin_colors
from visml.figures.history import Curve, category_heatmap, category_lines, curves
from visml.figures.look import CONFIG, Figure, packed, plain

__all__ = ["CONFIG", "Curve", "Figure", "bin_colors", "category_heatmap", "category_lines", "curves", "packed", "plain"]
