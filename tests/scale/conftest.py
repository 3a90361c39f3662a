"""A Ray cluster of two nodes on this machine, each with one processor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import commands

root, visml, photo, album = commands.root, commands.visml, commands.photo, commands.album


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Its address; when the tests end, none of its processes is left."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[dev]' brings it")
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    from ray.cluster_utils import Cluster

    node: dict[str, Any] = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 100 * 2**20}
    nodes = Cluster(initialize_head=True, head_node_args=node)
    nodes.add_node(num_cpus=1, object_store_memory=node["object_store_memory"])
    try:
        yield nodes.address
    finally:
        nodes.shutdown()
    assert not list(_of_ray()), "processes of the cluster are left"


def _of_ray() -> Iterator[str]:
    """Command lines of this process's children that are Ray's."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            command = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if parent == str(os.getpid()) and ("ray" in command):
            yield command
