"""VisML's dashboard: ``python app.py`` serves it; ``gunicorn app:server`` does too, where gunicorn is run by hand.

Read on in ``visml/dashboard/app.py`` (what the page is made of) and ``visml/inspector`` (how a network is opened).
"""

from __future__ import annotations

import sys

from visml.dashboard.app import create_app
from visml.dashboard.security import with_token
from visml.dashboard.serve import serve
from visml.settings import Refused, Settings


def main() -> None:
    """Serves the dashboard with the settings of the ``VISML_*`` variables."""
    settings = with_token(Settings.from_environment())
    serve(create_app(settings), settings)


if __name__ == "__main__":
    try:
        main()
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(2)
else:
    server = create_app(Settings.from_environment()).server
