"""The index of top patches behind the page: a folder's, as ``visml patches index`` left it, or one of the gallery."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from visml.dashboard.context import Context
from visml.images.decode import Photo, PhotoRefused
from visml.settings import Refused

if TYPE_CHECKING:
    from visml.insight.patches import Patch, PatchIndex
    from visml.insight.patches_build import Builder
    from visml.insight.sweep import Network, Shown
    from visml.inspector import Inspection

PER_PART = 2  # photos: well under a second
MOST = 48  # photos of the gallery, evenly taken from all
BUILDERS = 2


class PatchesRefused(Refused):
    """A part of an index that cannot be made."""


@dataclass
class Making:
    """A gallery's index in the making, or made."""

    keys: list[str]
    builder: Builder
    began: float = field(default_factory=time.monotonic)
    parts: int = 0
    unreadable: int = 0
    index: PatchIndex | None = None

    @property
    def done(self) -> bool:
        """Whether every photo was gone through."""
        return self.parts * PER_PART >= len(self.keys)


class Patching:
    """Indexes by network; those of the gallery are built in parts, by whoever asks for the next one.

    Uploads are in none of them: they belong to who brought them.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._makings: OrderedDict[tuple[str, str], Making] = OrderedDict()
        self._lock = Lock()

    def keys(self) -> list[str]:
        """The gallery's photos that an index is built from: up to 48, without uploads."""
        keys = [photo.key for photo in self._context.gallery.photos()]
        return keys if len(keys) <= MOST else [keys[place * len(keys) // MOST] for place in range(MOST)]

    def parts(self) -> int:
        """In how many parts the gallery's index is built."""
        return -(-len(self.keys()) // PER_PART)

    def of(self, inspection: Inspection) -> PatchIndex | None:
        """The index of an opened photo's network: an indexed folder's, else the gallery's; None where none is."""
        from visml.insight import patches_kept

        sha256, cache = inspection.trace.facts.model_sha256, self._context.settings.cache_dir
        making = self._makings.get(_network(inspection))
        kept = patches_kept.load(patches_kept.place(cache, sha256), sha256) if sha256 else None
        if kept is None and making is not None and making.index is not None:
            return making.index
        return kept or (patches_kept.load(patches_kept.place(cache, sha256, gallery=True), sha256) if sha256 else None)

    def add(self, inspection: Inspection, part: int) -> int:
        """Build a part of the gallery's index, the first being 0; a part that was built already costs nothing.

        Returns:
            How many photos are in the index now.

        Raises:
            PatchesRefused: the part before was not built, or the network is not at hand.
        """
        from visml.insight import patches_kept

        if inspection.source is None:
            raise PatchesRefused("This needs the network: open the photo again.")
        with self._lock, inspection.source.running() as network:
            making = self._making(inspection, network, part)
            if part == making.parts:
                sha256 = inspection.trace.facts.model_sha256
                self._build(making, network, sha256)
                if making.done and sha256 and making.index:
                    patches_kept.save(
                        making.index, patches_kept.place(self._context.settings.cache_dir, sha256, gallery=True)
                    )
            return making.builder.seen

    def photo(self, index: PatchIndex, patch: Patch) -> Photo:
        """The photo of a patch.

        Raises:
            PhotoRefused: it is no longer there.
        """
        from visml.insight import patches

        if index.data == patches.GALLERY:
            return self._context.gallery.photo(patch.picture.name)
        return patches.opened(index, patch, self._context.limits)

    def _making(self, inspection: Inspection, network: Network, part: int) -> Making:
        from visml.insight.patches_build import Builder

        name = _network(inspection)
        making = self._makings.get(name)
        if making is None or (making.done and part == 0):
            making = self._makings[name] = Making(self.keys(), Builder(network))
        self._makings.move_to_end(name)
        while len(self._makings) > BUILDERS:
            self._makings.popitem(last=False)
        if part > making.parts:
            raise PatchesRefused("The photos before these are missing: build the index from its beginning.")
        return making

    def _build(self, making: Making, network: Network, sha256: str) -> None:
        from visml.insight.patches import GALLERY

        keys = making.keys[making.parts * PER_PART : (making.parts + 1) * PER_PART]
        shown = [each for each in (self._shown(key, network.size) for key in keys) if each is not None]
        making.builder.add(network, shown)
        making.parts += 1
        making.unreadable += len(keys) - len(shown)
        if making.builder.seen:
            seconds = round(time.monotonic() - making.began, 1)
            making.index = making.builder.index(sha256, GALLERY, unreadable=making.unreadable, seconds=seconds)

    def _shown(self, key: str, size: int) -> Shown | None:
        from visml.images.folder import content_fraction
        from visml.insight.sweep import Shown

        try:
            photo = self._context.gallery.photo(key)
        except PhotoRefused:
            return None
        return Shown.of(photo, key, content_fraction(photo.sha256.encode()), size)


def _network(inspection: Inspection) -> tuple[str, str]:
    facts = inspection.trace.facts
    return facts.model, facts.model_sha256
