"""Every budget of VisML, measured where it is run: ``python -m benchmarks``, or ``make bench``."""
