"""Colorization networks: one interface, one file per family."""
