"""The driver that works on a Ray cluster. Ray is imported when one is asked for, and not before."""

from __future__ import annotations

import logging
import os
import pickle  # values of our own, between processes of our own
import secrets
import socket
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from visml.scale.work import Driver, Item, Part, Tell, Work, chunks, here, silent
from visml.settings import Refused

LOCAL = "local"
_SECONDS = 5  # in which a cluster answers
_RETRIES = 3  # of a chunk whose worker died
_STORE = 512 * 2**20  # bytes of Ray's object store on this machine
_ON_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}  # the first is for Linux too
_IN_FLIGHT = 2  # chunks given to a worker: the next one waits there when one is done


class ClusterRefused(Refused):
    """A Ray cluster that cannot be used."""


@contextmanager
def driving(address: str | None) -> Iterator[Driver]:
    """The driver of this process, or one on a Ray cluster that is left when the block ends.

    Args:
        address: None for this process, ``local`` for a cluster started on this machine for as long as the block
            lasts, else where a cluster is: ``HOST:PORT``, or ``auto`` for the one that this machine belongs to.

    Raises:
        ClusterRefused: Ray is not installed, or there is no such cluster.
    """
    if address is None:
        yield here
        return
    if address == LOCAL:
        os.environ |= _ON_LOOPBACK | {"RAY_AUTH_TOKEN": secrets.token_hex(32)}
    ray = _imported()
    _connect(ray, address)
    try:
        yield _on_ray
    finally:
        ray.shutdown()


def _imported() -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
        import ray.data
    except ImportError:
        raise ClusterRefused("Ray is not installed; pip install 'visml[scale]' brings it.") from None
    return ray


def _connect(ray: Any, address: str) -> None:
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == LOCAL:
        quiet |= {"include_dashboard": False, "object_store_memory": _STORE, "_node_ip_address": "127.0.0.1"}
    try:
        _reach(address)
        ray.init(address, **quiet)
    except (OSError, RuntimeError, ValueError) as error:
        how = "start one with: ray start --head, or leave the address out"
        raise ClusterRefused(f"There is no Ray cluster at '{address}'; {how}.") from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = context.print_on_execution_start = False


def _reach(address: str) -> None:
    """Look whether anybody listens: Ray itself would try for minutes."""
    host, colon, port = address.rpartition(":")
    if colon:
        socket.create_connection((host.strip("[]"), int(port)), _SECONDS).close()


def _on_ray(work: Work[Item, Part], items: Sequence[Item], tell: Tell = silent) -> Iterator[Part]:
    """The :class:`Driver` of the cluster that is connected to."""
    ray = _imported()
    rows = [{"items": pickle.dumps(chunk)} for _, chunk in chunks(items, work.chunk)]
    unit = "GPU" if work.on_gpu else "CPU"
    workers = min(int(ray.cluster_resources().get(unit, 0)), len(rows))
    if not workers:
        raise ClusterRefused(f"The Ray cluster has no {unit}.")
    kept = ray.put(work)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # this version of Ray has no other way to say how often
        done = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
            _Worker,
            fn_constructor_args=([kept],),
            compute=ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=_IN_FLIGHT),
            num_cpus=1,
            num_gpus=int(work.on_gpu),
            ray_remote_args_fn=lambda: {"max_task_retries": _RETRIES},
        )
    yield from _parts(ray, done, work.chunk, len(items), tell)


def _parts(ray: Any, done: Any, size: int, count: int, tell: Tell) -> Iterator[Any]:
    """What the workers give, in order.

    Raises:
        Refused: a worker's own refusal, or workers died again and again.
    """
    try:
        for number, row in enumerate(done.iter_rows(), start=1):
            part = pickle.loads(row["part"])  # noqa: S301
            if isinstance(part, Refused):
                raise part
            tell(min(number * size, count))
            yield part
    except ray.exceptions.RayActorError as error:
        raise ClusterRefused(
            f"A worker died {_RETRIES + 1} times at the same items; they may need more memory."
        ) from error


class _Worker:
    """Does the work in a process of the cluster."""

    def __init__(self, kept: list[Any]) -> None:
        self._work: Work[Any, Any] = _imported().get(kept[0])

    def __call__(self, row: dict[str, bytes]) -> dict[str, bytes]:
        try:
            part = self._work.do(pickle.loads(row["items"]))  # noqa: S301
        except Refused as refusal:
            part = refusal
        return {"part": pickle.dumps(part)}
