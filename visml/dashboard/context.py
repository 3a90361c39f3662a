"""What panels and routes share: settings, photos, checkpoints, and the inspectors that are kept ready."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from visml.activations.store import ArrayStore, Ledger, SmallValues
from visml.dashboard.inspectors import KeptInspectors
from visml.images.decode import Limits
from visml.images.gallery import Gallery, Uploads
from visml.settings import Refused, Settings

if TYPE_CHECKING:
    from torch import nn

    from visml.checkpoints import Checkpoint
    from visml.inspector import Inspection, Inspector


PREFERRED = "zhang16"
# Families as docs/models.md goes through them; PyTorch is not needed to know them.
FAMILIES = (
    "zhang16",
    "regression",
    "conditioned",
    "hypercolumn",
    "residual_encoder",
    "pix2pix",
    "joint",
    "chroma_mean",
    "autoencoder",
    "fully_connected",
)


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
        own: networks of one's own, by name, each with how it is listed.
    """

    settings: Settings
    gallery: Gallery
    uploads: Uploads
    values: SmallValues
    store: ArrayStore
    own: Mapping[str, tuple[Checkpoint, Inspector]] = field(default_factory=dict)
    _kept: KeptInspectors = field(default_factory=KeptInspectors, repr=False)

    @classmethod
    def of(
        cls, settings: Settings, values: SmallValues, networks: Mapping[str, nn.Module | Inspector] | None = None
    ) -> Context:
        """A context with its own gallery and uploads.

        Args:
            settings: where things are and what is allowed.
            values: small JSON values.
            networks: networks to show beside the checkpoints, by name, see :meth:`visml.Inspector.wrap`.

        Raises:
            FolderRefused: the folder of photos is not there or holds none.
            ModuleRefused: a module is no network from lightness to color.
        """
        limits = Limits(settings.max_mb, settings.max_megapixels)
        uploads = Uploads(settings.cache_dir / "uploads")
        store = ArrayStore(settings.cache_dir / "arrays", settings.cache_mb * 10**6)
        own = {name: _own(name, network, store, values) for name, network in (networks or {}).items()}
        return cls(settings, Gallery(settings.images, uploads, limits), uploads, values, store, own)

    @property
    def limits(self) -> Limits:
        """How large a photo may be."""
        return Limits(self.settings.max_mb, self.settings.max_megapixels)

    def checkpoints(self) -> tuple[list[Checkpoint], list[tuple[str, str]]]:
        """What can be opened, and the folders passed over, each with its reason.

        One's own networks come first, then family after family, by name; families that VisML does not know are last.
        """
        from visml.checkpoints import list_checkpoints

        good, skipped = list_checkpoints(self.settings.checkpoints)
        others = sorted((each for each in good if each.name not in self.own), key=_place)
        return [listed for listed, _ in self.own.values()] + others, skipped

    def told(self, checkpoint: Checkpoint) -> tuple[str, ...]:
        """Names of the categories that a model can be told a photo shows; none for most."""
        return self.own[checkpoint.name][1].categories if checkpoint.name in self.own else checkpoint.told

    def default_model(self) -> str | None:
        """The name of the model that opens first, None when there is none."""
        names = [checkpoint.name for checkpoint in self.checkpoints()[0]]
        return PREFERRED if PREFERRED in names and not self.own else next(iter(names), None)

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
        """The inspector of a checkpoint, ready; the last ones asked for stay in memory (see :mod:`inspectors`).

        Raises:
            ModelRefused: there is no such checkpoint.
            CheckpointRefused: its weights are damaged.
        """
        from visml.checkpoints import WEIGHTS
        from visml.inspector import Inspector

        if name in self.own:
            return self.own[name][1]
        checkpoint = self.checkpoint(name)

        def make() -> Inspector:
            return Inspector(
                checkpoint.name,
                checkpoints=self.settings.checkpoints,
                store=self.store,
                values=self.values,
                device=self.settings.device,
                precision=self.settings.precision,
                limits=self.limits,
            )

        return self._kept.keep(checkpoint.name, checkpoint.model_sha256, checkpoint.folder / WEIGHTS, make)

    def reopen(self, handle: str) -> Inspection | None:
        """What is kept of an opened photo, or None once it is gone; no model is loaded for it."""
        from visml.inspector import Inspection

        return Inspection.reopen(self.store, handle, Ledger(self.values))

    def answering(self, handle: str) -> Inspection | None:
        """What is kept of an opened photo, with its network at hand; None once either is gone.

        Raises:
            CheckpointRefused: the network's weights are damaged.
        """
        kept = self.reopen(handle)
        inspector = kept and self.inspector_of(kept)
        return inspector.reopen(handle) if inspector else None

    def inspector_of(self, inspection: Inspection) -> Inspector | None:
        """The network a photo was opened in, or None when its checkpoint has gone or changed since."""
        facts = inspection.trace.facts
        own = self.own.get(facts.model)
        if own is not None and own[1].subject.sha256 == facts.model_sha256:
            return own[1]
        kept = self._kept.find(facts.model, facts.model_sha256)
        if kept is not None:  # asked for at every hover: the disk is left alone
            return kept
        if (facts.model, facts.model_sha256) not in [(each.name, each.model_sha256) for each in self.checkpoints()[0]]:
            return None
        return self.inspector(facts.model)


def _own(
    name: str, network: nn.Module | Inspector, store: ArrayStore, values: SmallValues
) -> tuple[Checkpoint, Inspector]:
    """A network of one's own: how it is listed, and its inspector, what it opens kept where the page finds it."""
    from visml.inspector import Inspector

    inspector = network if isinstance(network, Inspector) else Inspector.wrap(network)
    kept = inspector.keeping(store, values, name)
    return kept.checkpoint or _unsaved(kept), kept


def _unsaved(inspector: Inspector) -> Checkpoint:
    """How a network without a checkpoint is listed, with a random name for its weights."""
    from visml.checkpoints import Checkpoint

    subject = inspector.subject
    layers = [asdict(layer) for layer in subject.layers]
    parameters = sum(each.numel() for each in subject.module.parameters())
    described = {"layers": layers, "parameters": parameters, "input_size": subject.size}
    return Checkpoint(subject.name, Path("/nonexistent"), subject.family, {}, secrets.token_hex(32), described)


def _place(checkpoint: Checkpoint) -> int:
    return FAMILIES.index(checkpoint.family) if checkpoint.family in FAMILIES else len(FAMILIES)
