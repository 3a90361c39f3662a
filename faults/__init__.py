"""Faults made on purpose: what is lost when processes are killed, disks fill up, caches go and clocks jump."""
