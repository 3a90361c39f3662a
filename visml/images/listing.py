"""What a person is told about a photo before it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["color", "grayscale"]
Origin = Literal["sample", "folder", "upload"]


@dataclass(frozen=True)
class GalleryPhoto:
    """One photo of the gallery.

    Attributes:
        key: what opens it: ``astronaut``, ``folder:scenes/forest/a.jpg`` or ``upload:<token>``.
        label: a name for people, to be shown as text only.
        kind: whether it has color.
        origin: where it comes from.
        category: its folder relative to the gallery's root, None in the root and outside folders.
    """

    key: str
    label: str
    kind: Kind
    origin: Origin
    category: str | None = None


def kind_of(has_color: bool) -> Kind:
    """The kind of a photo with or without color."""
    return "color" if has_color else "grayscale"
