"""The rows of the table, in its order: each is a module of this package with a ``measure``."""

from __future__ import annotations

import importlib
import inspect
import sys
import traceback

from benchmarks.table import Row
from benchmarks.workshop import Workshop
from visml.settings import Refused

ROWS = {
    "hover": "hover over a layer's map, a pixel, a filter bar -> repainted",
    "temperature": "temperature slider -> predicted picture repainted",
    "layer": "move to another layer, same photo",
    "photo": "choose another gallery photo",
    "heap": "hundreds of photos one after another: what the page keeps",
    "forward": "forward with everything recorded and summarized, against the bare forward in the same precision",
    "colorize": "`visml colorize` against the published demo's pipeline",
    "resume": "filter switched off -> new picture",
    "first_page": "first page, nothing cached, loopback",
    "server": "server start to `/health`; resident memory with one full-width model",
    "routes": "hover through the server where it must (`/data` routes): rate",
    "load": "hover through the server where it must (`/data` routes): many users",
    "filters": "all maps of a layer to the browser, against one request a filter",
    "encoding": "true colors over the bins for training, against scikit-learn's nearest neighbors",
    "training": "training step against the bare network's step at the same batch",
}


def measure(name: str, shop: Workshop) -> Row:
    """A row as measured; one that cannot be says so and does not stop the others."""
    how = ""
    try:
        module = importlib.import_module(f"benchmarks.{name}")
        how = inspect.getdoc(module) or ""
        return Row(name, ROWS[name], how, tuple(module.measure(shop)))
    except Refused as refusal:
        return Row(name, ROWS[name], how, (), f"not measured: {refusal}")
    except ImportError as missing:
        return Row(name, ROWS[name], how, (), f"not measured: {missing.name} is not installed")
    except Exception as fault:
        traceback.print_exc(file=sys.stderr)
        return Row(name, ROWS[name], how, (), f"not measured: {type(fault).__name__}")
