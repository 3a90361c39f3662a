"""VisML opens image-colorization networks and lets a person look inside them.

``visml.Inspector`` is the way in from Python, ``visml.show`` opens the page on a network of one's own. Both are
imported when first asked for, so that ``import visml`` does not wait for PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from visml.settings import VERSION

if TYPE_CHECKING:
    from visml.dashboard.showing import show
    from visml.inspector import Inspection, Inspector

__version__ = VERSION
__all__ = ["Inspection", "Inspector", "__version__", "show"]


def __getattr__(name: str) -> Any:
    if name in ("Inspection", "Inspector"):
        from visml import inspector

        return getattr(inspector, name)
    if name == "show":
        from visml.dashboard.showing import show

        return show
    raise AttributeError(f"module 'visml' has no attribute '{name}'")
