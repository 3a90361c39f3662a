"""``python -m visml``."""

from visml.cli import main

main()
