"""What the page is told: the catalog of what can be opened, and the description of what was."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from visml.activations.atlas import columns
from visml.dashboard.context import Context
from visml.images.listing import GalleryPhoto

if TYPE_CHECKING:
    from visml.activations.summary import Histogram
    from visml.activations.trace import LayerTrace
    from visml.checkpoints import Checkpoint
    from visml.inspector import Inspection, Inspector

SCHEMA = 1

Json = dict[str, Any]


def catalog(context: Context) -> Json:
    """Photos, models and limits, as the page reads them once when it starts."""
    checkpoints = context.checkpoints()[0]
    return {
        "schema": SCHEMA,
        "photos": [photo(each) for each in context.gallery.photos()],
        "models": [checkpoint.name for checkpoint in checkpoints],
        "families": {each.name: each.name if each.name in context.own else each.family for each in checkpoints},
        "categories": {each.name: names for each in checkpoints if (names := context.told(each))},
        "model": context.default_model(),
        "maxMb": context.settings.max_mb,
    }


def photo(listing: GalleryPhoto) -> Json:
    """A photo of the strip: key, label, kind, origin, category."""
    return asdict(listing)


def trace(inspection: Inspection, listing: GalleryPhoto, checkpoint: Checkpoint) -> Json:
    """What the page needs to draw an opened photo; the arrays themselves it fetches from ``/data``."""
    return {
        **opened(inspection, photo(listing)),
        "trace": inspection.handle,
        "model": checkpoint.name,
        "family": checkpoint.family,
        "temperature": usual_temperature(checkpoint),
        "filter_means": _made(checkpoint, "filter_means.npy"),
    }


def opened(inspection: Inspection, listed: Json) -> Json:
    """The part of it that names nothing of the server; ``listed`` is what else is told of the photo."""
    height, width = inspection.photo.rgb.shape[:2]
    prior = inspection.log_prior
    return {
        "schema": SCHEMA,
        "precision": inspection.trace.facts.precision,
        "photo": {
            **listed,
            "has_color": inspection.photo.has_color,
            "width": width,
            "height": height,
        },
        "category": inspection.trace.facts.category,
        "size": inspection.trace.facts.size,
        "layers": [_layer(inspection[layer.name]) for layer in inspection.layers],
        "output": _output(inspection),
        "log_prior": None if prior is None else np.round(prior.astype(np.float64), 5).tolist(),
        "lightness_histogram": np.asarray(inspection.lightness_histogram()).tolist(),
    }


def usual_temperature(checkpoint: Checkpoint) -> float:
    """The temperature that a model is decoded at until somebody chooses another."""
    from visml.color.bins import DEFAULT_TEMPERATURE

    return 1.0 if checkpoint.temperature_folded else DEFAULT_TEMPERATURE


def layer(traced: LayerTrace) -> Json:
    """Everything of a layer but its maps: ``/data/<trace>/<layer>.json``."""
    told, summary = _shape(traced), traced.summary
    return {
        "schema": SCHEMA,
        "layer": told.pop("name"),
        **told,
        "columns": columns(told["channels"]),
        "mean": summary.mean.tolist(),
        "std": summary.std.tolist(),
        "max": summary.max.tolist(),
        "min": summary.min.tolist(),
        "active_share": None if summary.active_share is None else summary.active_share.tolist(),
        "silent": summary.silent.tolist(),
        "histogram": _histogram(summary.histogram),
    }


def kernel(inspector: Inspector, layer: str, index: int) -> Json | None:
    """One filter's weights: ``/data/<trace>/kernels/<layer>/<filter>.json``; None where there are none.

    For the first layer also the kernels of the network's first convolution, on lightness, whose outputs it reads.
    """
    weights = inspector.kernels(layer)
    if weights is None or index >= len(weights):
        return None
    declared = next(each for each in inspector.layers if each.name == layer)
    before = _before(inspector) if layer == inspector.layers[0].name else None
    return {
        "schema": SCHEMA,
        "layer": layer,
        "filter": index,
        "convolution": declared.convolution,
        "shape": list(weights[index].shape),
        "weights": weights[index].ravel().tolist(),
        "inputs": None if before is None or len(before) != weights.shape[1] else before.tolist(),
    }


def _before(inspector: Inspector) -> np.ndarray[Any, np.dtype[np.float32]] | None:
    """The first convolution's kernels, ``(filters, kh * kw)``, when it reads the lightness alone."""
    for module in inspector.subject.module.modules():
        weight = getattr(module, "weight", None)
        if weight is not None and weight.dim() == 4:
            taken = weight.detach().float().cpu().numpy()
            return taken.reshape(len(taken), -1) if taken.shape[1] == 1 else None
    return None


def _made(checkpoint: Checkpoint, name: str) -> str | None:
    """When a file of a checkpoint's folder was made, for addresses of what hangs on it; None when there is none."""
    try:
        return None if checkpoint.companion else f"{(checkpoint.folder / name).stat().st_mtime_ns:x}"
    except OSError:
        return None


def _layer(traced: LayerTrace) -> Json:
    silent = int(traced.silent.sum()) if traced.layer.rectified else None
    return {**_shape(traced), "silent": silent}


def _shape(traced: LayerTrace) -> Json:
    channels, height, width = traced.maps.shape
    return {
        "name": traced.layer.name,
        "channels": channels,
        "height": height,
        "width": width,
        "stride": traced.layer.stride,
        "receptive_field": traced.layer.receptive_field,
        "dilation": traced.layer.dilation,
        "rectified": traced.layer.rectified,
        "channel_names": list(traced.layer.channel_names),
    }


def _histogram(histogram: Histogram) -> Json:
    return {
        "low": float(histogram.low),
        "high": float(histogram.high),
        "counts": histogram.counts.tolist(),
    }


def _output(inspection: Inspection) -> Json:
    height, width = inspection.trace.output.shape[-2:]
    centers = inspection.centers
    return {
        "kind": "ab" if centers is None else "bins",
        "layer": inspection.layers[-1].name,
        "height": height,
        "width": width,
        "centers": None if centers is None else np.asarray(centers).tolist(),
    }
