"""The fixtures of every command's tests."""

from __future__ import annotations

from tests import commands

root, visml, photo, album = commands.root, commands.visml, commands.photo, commands.album
