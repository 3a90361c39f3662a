"""The ``visml`` command. PyTorch is imported by the commands that compute, so that help does not wait for it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import visml
from visml.cli import insight, listing, measuring, painting, serving, training, weights
from visml.cli.common import say, with_address
from visml.settings import Refused

REFUSED = 2

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Open an image-colorization network and look inside it.",
)
app.command("serve")(serving.serve)
app.command("models")(listing.models)
app.command("colorize")(painting.colorize)
app.command("trace")(painting.trace)
app.command("train")(training.train)
app.command("lr-find")(training.lr_find)
app.command("evaluate")(measuring.evaluate)
app.command("prior")(measuring.prior)
app.command("import-weights")(weights.import_weights)
app.add_typer(insight.lens_app, name="lens")
app.add_typer(insight.patches_app, name="patches")


@app.callback(invoke_without_command=True)
def _visml(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(visml.__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 when all went well, 2 with one sentence when something was refused."""
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command line; whatever a person can set right is told in one sentence on stderr."""
    try:
        return app(with_address(arguments), prog_name="visml", standalone_mode=False) or 0
    except Refused as refusal:
        say(str(refusal))
    except typer.TyperException as error:
        say(_with_hint(error))
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        say(f"{error.strerror or error}{where}.")
    return REFUSED


def _with_hint(error: typer.TyperException) -> str:
    """What is wrong with the command line, and whose help to read."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "visml"
    return f"{error.format_message().rstrip('.')}; see {command} --help."
