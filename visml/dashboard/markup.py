"""Attributes that HTML spells with a dash."""

from __future__ import annotations

from typing import Any


def aria(**attributes: str) -> dict[str, Any]:
    """``aria(label="Photos")`` for ``aria-label="Photos"``; an underscore becomes nothing, as in ARIA's own names."""
    return {f"aria-{name.replace('_', '')}": value for name, value in attributes.items()}


def data(**attributes: str) -> dict[str, Any]:
    """``data(photo_key="x")`` for ``data-photo-key="x"``."""
    return {f"data-{name.replace('_', '-')}": value for name, value in attributes.items()}
