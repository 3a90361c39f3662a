"""The opened photo of the inspector's tests: a narrow nine-block network of random weights."""

from __future__ import annotations

from tests.inspector.conftest import astronaut, inspector, one_thread, opened, root

__all__ = ["astronaut", "inspector", "one_thread", "opened", "root"]
