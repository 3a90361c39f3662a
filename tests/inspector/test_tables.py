"""Tables as CSV: what spreadsheets and readers make of them."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from visml.inspector.tables import to_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_text_is_a_formula(text: str) -> None:
    (_, (cell, number)) = csv.reader(io.StringIO(to_csv(["text", "number"], [[text, -1.5]]).decode(), newline=""))
    assert (cell, float(number)) == (f"'{text}", -1.5)


def test_numbers_read_back_to_the_same() -> None:
    values = np.random.default_rng(0).standard_normal(1000).astype(np.float32) * np.float32(1e-3)
    _, *rows = to_csv(["value"], [[value] for value in values]).decode().split()
    np.testing.assert_array_equal(np.array(rows, np.float32), values)
