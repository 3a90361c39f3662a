"""What the commands share: their common options, how they report, and how they write files."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visml.settings import Refused, Settings

if TYPE_CHECKING:
    from rich.console import Console

    from visml.images.decode import Limits

SCHEMA = 1
STANDARD = Path("-")
_WIDE = 160

Checkpoints = Annotated[
    Path | None,
    typer.Option("--checkpoints", metavar="DIR", help="Folder of checkpoint folders.", show_default=False),
]
Model = Annotated[str, typer.Option("--model", metavar="NAME", help="A checkpoint's name, or the path of its folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Report as JSON on standard output.")]
Temperature = Annotated[
    float | None,
    typer.Option("--temperature", metavar="T", help="0 the likeliest color, 1 the mean; 0.38 unless the model says."),
]
Category = Annotated[
    str | None,
    typer.Option(
        "--category",
        metavar="NAME",
        help="What the photo shows, for a model that is told: a folder of its training pictures.",
        show_default=False,
    ),
]

Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="[ADDRESS]",
        help="Do it on a Ray cluster: the one at HOST:PORT, or one made of this machine's processors.",
        show_default=False,
    ),
]
_ADDRESS = re.compile(r"auto|local|[\w.-]+:\d+|\[[\da-fA-F:]+\]:\d+")


class OutputRefused(Refused):
    """A place that cannot be written to as asked."""


class LayerRefused(Refused):
    """A layer that the network does not have."""


def with_address(arguments: Sequence[str]) -> list[str]:
    """A command line whose ``--ray`` has an address: ``local`` where none comes after it."""
    pairs = zip(arguments, (*arguments[1:], ""), strict=False)
    bare = [one == "--ray" and not _ADDRESS.fullmatch(other) for one, other in pairs]
    return ["--ray=local" if each else argument for argument, each in zip(arguments, bare, strict=True)]


def say(sentence: str) -> None:
    """One sentence for the person, on stderr, on one line, without what would steer a terminal."""
    line = " ".join(sentence.split())
    print("".join(letter if letter.isprintable() else "?" for letter in line), file=sys.stderr)


def settings(checkpoints: Path | None = None, **others: Any) -> Settings:
    """The settings of the ``VISML_*`` variables, beaten by what was given on the command line."""
    return Settings.from_environment(checkpoints=checkpoints, **others)


def limits(chosen: Settings) -> Limits:
    """How large a photo may be."""
    from visml.images.decode import Limits

    return Limits(chosen.max_mb, chosen.max_megapixels)


def print_json(value: dict[str, Any]) -> None:
    """A JSON object of schema 1 on standard output."""
    typer.echo(json.dumps({"schema": SCHEMA} | value, indent=1, allow_nan=False))


def console() -> Console:
    """Where tables are printed: as wide as the terminal, or wide enough in a pipe."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on a terminal's stderr, nothing elsewhere; yields a function of (done, total)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown = sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not shown) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done, found: bar.update(task, completed=done, total=total if found is None else found)


def read_standard_input(largest: int) -> bytes:
    """What comes in by a pipe, at most ``largest`` bytes and one.

    Raises:
        OutputRefused: nothing is piped in.
    """
    if sys.stdin.isatty():
        raise OutputRefused(
            "'-' reads from a pipe; give it a photo, as in: visml colorize - -o - < photo.jpg > out.jpg"
        )
    return sys.stdin.buffer.read(largest + 1)


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, making its folder; ``-`` is standard output.

    Raises:
        OutputRefused: binary data would fill a terminal, or the path is a folder.
    """
    if path == STANDARD:
        if sys.stdout.isatty():
            raise OutputRefused("This would fill the terminal with binary data; redirect it, as in: -o - > FILE")
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    if path.is_dir():
        raise OutputRefused(f"'{path}' is a folder; name a file in it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_bytes(data)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
