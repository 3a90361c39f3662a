"""The processes that read pictures."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from visml.training import reading


@pytest.mark.parametrize(("trainer", "status"), [(os.getpid(), 0), (1, 1)], ids=["alive", "killed"])
def test_a_worker_does_not_outlive_a_trainer_killed_at_its_start(trainer: int, status: int) -> None:
    worker = os.fork()
    if worker == 0:
        reading._leave_without(trainer, 0)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == status


@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="workers are no children of the trainer")
def test_every_loader_has_such_workers() -> None:
    loader = reading.batches([0])
    assert loader.worker_init_fn is not None
    assert loader.worker_init_fn.func is reading._leave_without
    assert loader.worker_init_fn.args == (os.getpid(),)
