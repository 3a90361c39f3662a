from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visml.evaluation.extremes import SHOWN, Extremes
from visml.evaluation.measures import PictureScores
from visml.evaluation.photos import Colored


def scores(name: str, rmse: float) -> PictureScores:
    return PictureScores(name, "", None, rmse, 0, None, 0, 0, 0, 0, 0, 0, 0)


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 6), min_size=1, max_size=60))
def test_the_same_as_sorting_all_of_them(errors: dict[str, int]) -> None:
    extremes = Extremes()
    for place, (name, rmse) in enumerate(errors.items()):
        picture = Colored(np.full((1, 1, 3), place, dtype=np.uint8), np.zeros((2, 1, 1), dtype=np.float32))
        extremes.add(scores(name, rmse), picture, picture)
    best = sorted(errors, key=lambda name: (errors[name], name))[:SHOWN]
    worst = sorted(errors, key=lambda name: (-errors[name], name))[:SHOWN]
    assert [example.scores.picture for example in extremes.best()] == best
    assert [example.scores.picture for example in extremes.worst()] == worst
    for example in extremes.best():
        assert example.target[0, 0, 0] == list(errors).index(example.scores.picture)


def test_pictures_are_copied_so_that_a_batch_can_go() -> None:
    batch = np.zeros((8, 4, 4, 3), dtype=np.uint8)
    extremes = Extremes()
    extremes.add(scores("a", 1), *(Colored(batch[0], np.zeros((2, 4, 4), dtype=np.float32)),) * 2)
    assert extremes.best()[0].target.base is None
    assert extremes.worst()[0].painted.base is None
