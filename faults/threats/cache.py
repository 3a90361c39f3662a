"""What is kept between requests, and what may happen to it."""

from __future__ import annotations

from faults.threats.guard import Guard

STORE = "visml/activations/store.py"
ROOM = "visml/activations/room.py"
VALUES = "visml/dashboard/values.py"
FAULTS = "tests/activations/test_store_faults.py::test"
WRITERS = "tests/activations/test_store_processes.py::test"
SMALL = "tests/dashboard/test_values.py::test"
READ = "array = sealed.read(path, self._secret, _label(handle, name), check)"
NAIVE = 'array = __import__("numpy").load(path, allow_pickle=True)'

CACHE = (
    *(
        Guard(f"a cache file that is {kind}", f"{FAULTS}_{test}", STORE, READ, NAIVE)
        for kind, test in (
            ("corrupt", "corrupt"),
            ("truncated", "truncated"),
            ("foreign", "foreign_npy"),
            ("planted", "planted_under_another_secret"),
            ("a planted pickle", "a_planted_pickle_does_not_run"),
        )
    ),
    Guard(
        "one flipped bit in a cache file",
        f"{FAULTS}_corrupt",
        "visml/activations/sealed.py",
        "if digest and _digest(key, name, content) != expected:",
        "if False:",
    ),
    Guard(
        "one flipped bit in a small value",
        f"{SMALL}_a_flipped_bit_is_a_miss",
        VALUES,
        "if not text or hashlib.blake2b(text, digest_size=_DIGEST).digest() != digest:",
        "if not text:",
    ),
    Guard(
        "Redis that hangs",
        f"{SMALL}_a_redis_that_hangs_costs_a_bounded_time",
        VALUES,
        '            "socket_timeout": 0.25,\n',
        "",
    ),
    Guard(
        "a pickle planted as a small value",
        f"{SMALL}_a_planted_pickle_runs_nothing",
        VALUES,
        "    serializer = CheckedJson()  # type: ignore[assignment]\n",
        "",
    ),
    Guard(
        "a full disk",
        f"{FAULTS}_a_full_disk_is_told_once_and_leaves_nothing",
        STORE,
        "        except OSError as error:\n            if not self._warned:",
        "        except MemoryError as error:\n            if not self._warned:",
    ),
    Guard(
        "a full disk that is told again and again",
        f"{FAULTS}_a_full_disk_is_told_once_and_leaves_nothing",
        STORE,
        "if not self._warned:",
        "if True:",
    ),
    Guard(
        "four writers",
        f"{WRITERS}_four_writers_hold_the_cap_and_no_read_is_torn",
        ROOM,
        "            if used > free:\n",
        "            if False:\n",
    ),
    Guard(
        "a kill in mid-write",
        f"{WRITERS}_what_a_killed_writer_left_is_swept_at_the_next_start",
        ROOM,
        "if not _alive(folder):",
        "if False:",
    ),
    Guard(
        "Redis that is down",
        f"{SMALL}_a_redis_that_is_down_is_a_miss",
        VALUES,
        "        except Exception as error:\n",
        "        except MemoryError as error:\n",
    ),
)
