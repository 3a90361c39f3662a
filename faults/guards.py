"""Guards taken out of a copy of the code, one at a time: the test named after each threat must then fail."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from faults import warm
from faults.findings import Finding
from faults.threats import Guard

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("visml", "tests", "assets", "recipes", "checkpoints", "docs", "app.py", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*")
FAILED = 1  # pytest's exit status when tests ran and some failed; errors of other kinds have others
LONGEST_S = 900.0


def measure(guards: Sequence[Guard], folder: Path) -> list[Finding]:
    """Each of the guards, after all their tests have passed unharmed; only the copy is ever changed."""
    tree = folder.resolve() / "tree"
    _copy(tree)
    status, said = warm.pytest(tree, list(dict.fromkeys(guard.test for guard in guards)), 3 * LONGEST_S)
    if status != 0:
        print(said[-2000:], file=sys.stderr)
        return [Finding("none", "some of the tests fail with all guards in place", False)]
    return [_finding(tree, guard) for guard in guards]


def _copy(tree: Path) -> None:
    tree.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=LEFT_OUT)
        else:
            shutil.copy(ROOT / name, tree / name)


def _finding(tree: Path, guard: Guard) -> Finding:
    path = tree / guard.file
    text = path.read_text(encoding="utf-8")
    if text.count(guard.code) != 1:
        return Finding(guard.threat, f"its guard stands {text.count(guard.code)} times in {guard.file}", False)
    path.write_text(text.replace(guard.code, guard.without), encoding="utf-8")
    try:
        seen, shown = _seen(*warm.pytest(tree, ["-x", guard.test], LONGEST_S))
    finally:
        path.write_text(text, encoding="utf-8")
    print(f"  {guard.threat}: {seen}", file=sys.stderr, flush=True)
    return Finding(guard.threat, f"`{guard.test.partition('::')[2]}` {seen} {_words(guard)}", shown)


def _seen(status: int | None, said: str) -> tuple[str, bool]:
    """What the test did, and whether that shows the guard, or that it cannot be shown here."""
    if status is None:
        return "does not end", True
    if status == FAILED and " failed" in said:
        return "fails", True
    if "skipped" in said and "passed" not in said:
        return "is skipped here", True
    return ("passes" if status == 0 else "does not run"), False


def _words(guard: Guard) -> str:
    code = " ".join(guard.code.split()).replace("|", "\\|")
    verb = "without" if len(guard.without.split()) < 3 else "with naive code for"
    return f"{verb} `{code}` in `{guard.file}`"
