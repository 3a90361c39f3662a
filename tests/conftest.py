"""What every test has: no deadline for hypothesis, since a timing is never an assertion here."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("visml", deadline=None, max_examples=50)
settings.load_profile("visml")
