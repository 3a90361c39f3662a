"""The facade: a model that photos are opened in."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from visml import checkpoints as folders
from visml.activations import trace as traces
from visml.activations.facts import SCHEMA
from visml.activations.store import ArrayStore, DictValues, Ledger, SmallValues
from visml.activations.trace import CENTERS, FACTS, Trace, TraceExpired, frozen
from visml.color import bins, lab
from visml.images.decode import Limits, Photo, PhotoSource, open_photo, squash
from visml.inspector import categories, priors, runtime, subject
from visml.inspector.inspection import LAB, PHOTO, SQUASHED, Inspection
from visml.inspector.looking import facts_of, lab_of, pixels_of
from visml.inspector.painting import Pixels, paint
from visml.inspector.subject import Kernels, Subject
from visml.models.base import Layer
from visml.settings import Settings

if TYPE_CHECKING:
    from visml.checkpoints import Checkpoint
    from visml.dashboard.showing import Page
    from visml.insight.patches import PatchIndex


class Inspector:
    """Opens photos in one network.

    ::

        inspector = Inspector("zhang16")
        inspector.colorize("photo.jpg")               # (H, W, 3) uint8, nothing recorded
        inspector.open("photo.jpg")["conv4"].maps     # (512, 28, 28) float32

    Args:
        model: the name of a checkpoint, of one of its kept epochs (``zhang16@5``) or companions (``pix2pix:critic``),
            or the path of its folder; for any other module see :meth:`wrap`.
        checkpoints: the folder in which names are looked up.
        store: keeps arrays between photos and processes; without it they live as long as the inspection.
        values: keeps small results; a dictionary in memory when None.
        device: a PyTorch device or ``auto``.
        precision: ``auto``, ``float32`` or ``bfloat16``.
        limits: the largest photo taken.

    What is not given comes from the ``VISML_*`` variables. The weights are read when first needed.

    Raises:
        CheckpointRefused: there is no such checkpoint, or it is broken.
        DeviceRefused: there is no such device or precision.
    """

    def __init__(
        self,
        model: str | Path | Subject = "zhang16",
        *,
        checkpoints: Path | None = None,
        store: ArrayStore | None = None,
        values: SmallValues | None = None,
        device: str | None = None,
        precision: str = "auto",
        limits: Limits | None = None,
    ) -> None:
        wanted = None if precision == "auto" else precision
        settings = Settings.from_environment(checkpoints=checkpoints, device=device, precision=wanted)
        self._lock = threading.RLock()  # hooks are shared state: one forward pass at a time
        self._store = store
        self._ledger = Ledger(DictValues() if values is None else values)
        self._limits = limits or Limits(settings.max_mb, settings.max_megapixels)
        self._subject = model if isinstance(model, Subject) else None
        if not isinstance(model, Subject):
            self._device = runtime.resolve_device(settings.device)
            self._precision = runtime.resolve_precision(settings.precision, self._device)
            self._checkpoint = folders.find(settings.checkpoints, str(model))

    @classmethod
    def wrap(
        cls,
        module: nn.Module,
        layers: Sequence[Layer | str] | None = None,
        *,
        store: ArrayStore | None = None,
        values: SmallValues | None = None,
        limits: Limits | None = None,
        name: str | None = None,
    ) -> Inspector:
        """An inspector of any module from lightness ``(1, 1, 224, 224)``, 0..100, to ab or to logits of the 313 bins.

        The module is used as it is, where it is; only while it runs it is in eval mode. Each photo is computed anew
        when opened, as the module may have learned in between.

        Args:
            module: two channels out are ab in Lab units, 313 are logits.
            layers: what to look at, a Layer or a module's dotted path each; every convolution and every ReLU-like
                activation when None.
            store: as for the class.
            values: as for the class.
            limits: as for the class.
            name: what to call it; its class's name when None.

        Raises:
            ModuleRefused: it takes or gives something else, or has no such layer.
        """
        return cls(subject.of_module(module, layers, name), store=store, values=values, limits=limits)

    @property
    def subject(self) -> Subject:
        """The network, read from its checkpoint when first asked for.

        Raises:
            CheckpointRefused: the checkpoint is broken.
        """
        with self._lock:
            if self._subject is None:
                self._subject = subject.of_checkpoint(self._checkpoint, self._device, self._precision)
            return self._subject

    @property
    def name(self) -> str:
        """Its checkpoint's name, or what it was wrapped as."""
        return self.checkpoint.name if self.checkpoint else self.subject.name

    @property
    def checkpoint(self) -> Checkpoint | None:
        """Where its weights are read from; None for a module that was wrapped."""
        return getattr(self, "_checkpoint", None)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What is recorded of each photo, from input to output."""
        return self.subject.layers

    @property
    def precision(self) -> str:
        """``float32`` or ``bfloat16``."""
        return self._precision if self._subject is None else self._subject.precision

    @cached_property
    def prior(self) -> Tensor | None:
        """How often each bin occurs in the training pictures, ``(Q,)`` float32; None where that is not known."""
        return priors.of_checkpoint(self.checkpoint) if self.checkpoint else None

    @property
    def categories(self) -> tuple[str, ...]:
        """Names of the categories that the network can be told a photo shows; none for most networks."""
        return self._checkpoint.told if self._subject is None else self._subject.categories

    def open(self, photo: PhotoSource | Photo, category: str | None = None) -> Inspection:
        """The photo in this network: one forward pass, everything kept; none where it was kept before.

        Args:
            photo: what to open.
            category: one of :attr:`categories`, of which a class-conditioned network is told; None for not known.

        Raises:
            PhotoRefused: it is not a photo.
            CategoryRefused: the network does not know the category.
        """
        self.check_category(category)
        photo = self._photo(photo)
        handle = self._handle(photo, category)
        with self._ledger.flights.one(handle):
            trace = self._kept(handle) or self._run(photo, handle, category)
        return Inspection(trace, self._store, photo.name, self)

    def predict(self, photo: PhotoSource | Photo, category: str | None = None) -> Inspection:
        """The photo in this network with its output alone: no layer is recorded, and nothing is kept.

        Arguments and refusals are those of :meth:`open`.
        """
        self.check_category(category)
        photo = self._photo(photo)
        trace = self._trace(photo, secrets.token_hex(16), (), Ledger(), category)
        return Inspection(trace, name=photo.name)

    def reopen(self, handle: str) -> Inspection | None:
        """The inspection kept under a handle, of whatever model; None when there is none."""
        trace = None if self._store is None else traces.reopen(self._store, handle, self._ledger)
        return None if trace is None else Inspection(trace, self._store, source=self)

    def keeping(self, store: ArrayStore, values: SmallValues, name: str) -> Inspector:
        """The same network under a name, what is opened in it kept in a store; both take turns in running it."""
        other = copy(self)
        other._store, other._ledger = store, Ledger(values)
        if self.checkpoint:
            other._checkpoint = replace(self.checkpoint, name=name)
        other._subject = replace(self.subject, name=name)
        return other

    def show(self, *, block: bool | None = None, **settings: Any) -> Page:
        """The dashboard opened on this network, in a notebook in a frame below the cell; ``.stop()`` ends it.

        Shown again, it ends the page shown before. See :func:`visml.show`, which takes several networks.

        Args:
            block: whether to return only when it was stopped; a script does when None.
            settings: what the ``VISML_*`` variables say otherwise: ``port``, ``images``, ...

        Raises:
            Refused: the address cannot be listened on.
        """
        from visml.dashboard.showing import show

        return show(self, block=block, **settings)

    @contextmanager
    def running(self, exact: bool = False) -> Iterator[Subject]:
        """The network in eval mode, for as long as the block runs by nobody else run.

        Args:
            exact: in float32 whatever its precision, which gradients need; a network in bfloat16 is read a second
                time then, and kept with this inspector.

        Raises:
            CheckpointRefused: the checkpoint is broken.
        """
        with self._lock:
            network = self._exact if exact and self.precision != "float32" else self.subject
            with runtime.evaluating(network.module):
                yield network

    @cached_property
    def _exact(self) -> Subject:
        if self.checkpoint is None:
            return self.subject
        return subject.of_checkpoint(self.checkpoint, self._device, "float32")

    def colorize(
        self,
        photo: PhotoSource | Photo,
        temperature: float = bins.DEFAULT_TEMPERATURE,
        category: str | None = None,
    ) -> Pixels:
        """The photo in the network's colors, ``(H, W, 3)`` uint8 at its own size; nothing is recorded.

        Photo and category are those of :meth:`open`, and so are the refusals.
        """
        self.check_category(category)
        photo, network = self._photo(photo), self.subject
        squashed = pixels_of(squash(photo.rgb, network.size))
        with self.running():
            output = network.forward(lab.lightness(squashed), category)
        ab = output if network.centers is None else bins.decode(output, network.centers, temperature)
        return paint(photo.rgb, ab)

    def check_category(self, category: str | None) -> None:
        """Refuse a category that is none of :attr:`categories`; None is always right.

        Raises:
            CategoryRefused: the network does not know it, or knows none.
        """
        categories.check(category, self.categories)

    def kernels(self, layer: str) -> Kernels | None:
        """The weights that make a layer's filters, see :meth:`Subject.kernels`."""
        return self.subject.kernels(layer)

    def patches(self, data: Path, per_filter: int = 9, pictures: int | None = None) -> PatchIndex:
        """What each filter answers to most strongly in a folder, see :func:`visml.insight.patches_build.build`."""
        from visml.insight.patches_build import build

        with self.running() as network:
            made = build(network, data, model_sha256=network.sha256, per_filter=per_filter, most=pictures)
        return made.index

    def _photo(self, photo: PhotoSource | Photo) -> Photo:
        return photo if isinstance(photo, Photo) else open_photo(photo, self._limits)

    def _handle(self, photo: Photo, category: str | None) -> str:
        """The store's handle of what this network makes of a photo; one of its own each time when that may change."""
        sha256 = self._checkpoint.model_sha256 if self._subject is None else self._subject.sha256
        if self._store is None or not sha256:
            return secrets.token_hex(16)
        where = self._device.type
        parts = (str(SCHEMA), torch.__version__, sha256, photo.sha256, str(photo.has_color), where, self._precision)
        return self._store.handle(*parts, *(() if category is None else (category,)))

    def _kept(self, handle: str) -> Trace | None:
        """The trace kept under a handle if every array of it is there and sound."""
        trace = None if self._store is None else traces.reopen(self._store, handle, self._ledger)
        if trace is None:
            return None
        try:
            for name in (PHOTO, SQUASHED, LAB, *trace.names()):
                trace.arrays[name]
        except TraceExpired:
            return None
        return trace

    def _run(self, photo: Photo, handle: str, category: str | None) -> Trace:
        trace = self._trace(photo, handle, self.subject.layers, self._ledger, category)
        self._keep(trace)
        return trace

    def _trace(
        self, photo: Photo, handle: str, layers: tuple[Layer, ...], ledger: Ledger, category: str | None
    ) -> Trace:
        """One forward pass, these layers of it recorded."""
        network = self.subject
        squashed = squash(photo.rgb, network.size)
        colors = lab_of(squashed)
        with self.running():
            lightness = colors[:, :1].to(network.device)
            arrays, output = traces.run(network.module, lightness, layers, network.told(category))
        arrays |= {PHOTO: photo.rgb, SQUASHED: frozen(squashed), LAB: frozen(colors[0].numpy())}
        if network.centers is not None:
            arrays[CENTERS] = frozen(network.centers.numpy().copy())
        facts = facts_of(network, photo, output, layers, category)
        return Trace(handle, facts, arrays, ledger)

    def _keep(self, trace: Trace) -> None:
        for layer in trace.facts.layers:
            trace.summary(layer)
        if self._store is not None:
            self._store.put(trace.handle, {**trace.arrays, FACTS: trace.facts.to_bytes()})
