"""What panels and routes share: settings, photos, checkpoints, and the one inspector that is kept ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from visml.activations.store import ArrayStore, Ledger, SmallValues
from visml.images.decode import Limits
from visml.images.gallery import Gallery, Uploads
from visml.settings import Refused, Settings

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint
    from visml.inspector import Inspection, Inspector


PREFERRED = "zhang16"


class ModelRefused(Refused):
    """A model that is not in the list."""


@dataclass(frozen=True)
class Context:
    """Everything a panel may ask for.

    Attributes:
        settings: where things are and what is allowed.
        gallery: the photos that can be opened.
        uploads: the photos people brought.
        values: small JSON values, kept between requests.
        store: activations, kept between requests.
    """

    settings: Settings
    gallery: Gallery
    uploads: Uploads
    values: SmallValues
    store: ArrayStore
    _kept: dict[tuple[str, str], Inspector] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @classmethod
    def of(cls, settings: Settings, values: SmallValues) -> Context:
        """A context with its own gallery and uploads.

        Raises:
            FolderRefused: the folder of photos is not there or holds none.
        """
        limits = Limits(settings.max_mb, settings.max_megapixels)
        uploads = Uploads(settings.cache_dir / "uploads")
        store = ArrayStore(settings.cache_dir / "arrays", settings.cache_mb * 10**6)
        return cls(settings, Gallery(settings.images, uploads, limits), uploads, values, store)

    @property
    def limits(self) -> Limits:
        """How large a photo may be."""
        return Limits(self.settings.max_mb, self.settings.max_megapixels)

    def checkpoints(self) -> tuple[list[Checkpoint], list[tuple[str, str]]]:
        """The checkpoints that can be opened, and the folders passed over, each with its reason."""
        from visml.checkpoints import list_checkpoints

        return list_checkpoints(self.settings.checkpoints)

    def default_model(self) -> str | None:
        """The name of the model that opens first, None when there is none."""
        names = [checkpoint.name for checkpoint in self.checkpoints()[0]]
        return PREFERRED if PREFERRED in names else next(iter(names), None)

    def checkpoint(self, name: object) -> Checkpoint:
        """One checkpoint by its name; a name is looked up, never joined to a path.

        Raises:
            ModelRefused: there is none of that name.
        """
        for checkpoint in self.checkpoints()[0]:
            if checkpoint.name == name:
                return checkpoint
        raise ModelRefused("There is no such model here; choose one from the list.")

    def inspector(self, name: str) -> Inspector:
        """The inspector of a checkpoint, ready; only the last one asked for stays in memory.

        Raises:
            ModelRefused: there is no such checkpoint.
            CheckpointRefused: its weights are damaged.
        """
        from visml.inspector import Inspector

        checkpoint = self.checkpoint(name)
        key = (checkpoint.name, checkpoint.model_sha256)
        with self._lock:
            if key not in self._kept:
                self._kept.clear()
                self._kept[key] = Inspector(
                    checkpoint.name,
                    checkpoints=self.settings.checkpoints,
                    store=self.store,
                    values=self.values,
                    device=self.settings.device,
                    precision=self.settings.precision,
                    limits=self.limits,
                )
            return self._kept[key]

    def reopen(self, handle: str) -> Inspection | None:
        """What is kept of an opened photo, or None once it is gone; no model is loaded for it."""
        from visml.inspector import Inspection

        return Inspection.reopen(self.store, handle, Ledger(self.values))

    def inspector_of(self, inspection: Inspection) -> Inspector | None:
        """The network a photo was opened in, or None when its checkpoint has gone or changed since."""
        facts = inspection.trace.facts
        kept = self._kept.get((facts.model, facts.model_sha256))
        if kept is not None:  # asked for at every hover: the disk is left alone
            return kept
        if (facts.model, facts.model_sha256) not in [(each.name, each.model_sha256) for each in self.checkpoints()[0]]:
            return None
        return self.inspector(facts.model)
