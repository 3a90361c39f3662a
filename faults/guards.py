"""Guards taken out of a copy of the code, one at a time: the test named after each threat must then fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from faults.findings import FaultRefused, Finding
from faults.threats import GUARDS, Guard

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("visml", "tests", "assets", "recipes", "app.py", "pyproject.toml")
LINKED = ("checkpoints", "docs")
FAILED = 1  # pytest's exit status when tests ran and some failed; errors of other kinds have others
LONGEST_S = 900


def measure(folder: Path) -> list[Finding]:
    """Every guard, after all their tests have passed unharmed."""
    tree = folder / "tree"
    _copy(tree)
    whole = _pytest(tree, *dict.fromkeys(guard.test for guard in GUARDS))
    if whole.returncode:
        print(whole.stdout[-2000:], file=sys.stderr)
        return [Finding("none", "some of the tests fail with all guards in place", False)]
    return [_finding(tree, guard) for guard in GUARDS]


def _copy(tree: Path) -> None:
    tree.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tree / name)
    for name in LINKED:
        (tree / name).symlink_to(ROOT / name)
    found = _python(tree, "-c", "import visml; print(visml.__file__)").stdout.strip()
    if not Path(found).resolve().is_relative_to(tree.resolve()):
        raise FaultRefused(f"Not the copy is imported but '{found}'.")


def _finding(tree: Path, guard: Guard) -> Finding:
    path = tree / guard.file
    text = path.read_text(encoding="utf-8")
    if text.count(guard.code) != 1:
        return Finding(guard.threat, f"its guard stands {text.count(guard.code)} times in {guard.file}", False)
    path.write_text(text.replace(guard.code, guard.without), encoding="utf-8")
    try:
        seen, shown = _seen(_pytest(tree, "-x", guard.test))
    finally:
        path.write_text(text, encoding="utf-8")
    print(f"  {guard.threat}: {seen}", file=sys.stderr, flush=True)
    return Finding(guard.threat, f"`{guard.test.partition('::')[2]}` {seen} {_words(guard)}", shown)


def _seen(done: subprocess.CompletedProcess[str]) -> tuple[str, bool]:
    """What the test did, and whether that shows the guard, or that it cannot be shown here."""
    if done.returncode == FAILED and " failed" in done.stdout:
        return "fails", True
    if "skipped" in done.stdout and "passed" not in done.stdout:
        return "is skipped here", True
    return ("passes" if done.returncode == 0 else "does not run"), False


def _words(guard: Guard) -> str:
    code = " ".join(guard.code.split()).replace("|", "\\|")
    verb = "without" if len(guard.without.split()) < 3 else "with naive code for"
    return f"{verb} `{code}` in `{guard.file}`"


def _pytest(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _python(tree, "-m", "pytest", "-p", "no:cacheprovider", "--tb=no", *arguments)


def _python(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    try:
        return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, "", "")
