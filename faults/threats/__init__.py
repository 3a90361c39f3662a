"""What threatens VisML, the test of each threat, and the code that guards against it.

Where a guard is a choice and not a line that can go (NumPy's files are parsed here and never unpickled, for instance),
the naive code stands in its place. Four tests have no entry, since nothing that can be taken out makes them fail: gray
with alpha and 16 bits with a transparent value follow from the entries on both; that category names reach no chart
(``test_folder_names_never_reach_plotly``), since charts are not given them; and that a kill at a random moment leaves
a whole checkpoint (``test_a_killed_writer_leaves_a_whole_checkpoint``), since without its guards that is a matter of
luck: three tests that do not hang on it stand for it.
"""

from __future__ import annotations

from faults.threats.browser import BROWSER
from faults.threats.cache import CACHE
from faults.threats.checkpoints import CHECKPOINTS
from faults.threats.guard import Guard
from faults.threats.training import TRAINING
from faults.threats.uploads import UPLOADS

__all__ = ["THREATS", "Guard"]

THREATS = {
    "uploads": UPLOADS,
    "checkpoints": CHECKPOINTS,
    "cache": CACHE,
    "training": TRAINING,
    "browser": BROWSER,
}
