"""Training, and what may happen to it."""

from __future__ import annotations

from faults.threats.guard import Guard

FOLDERS = "visml/checkpoints.py"
CHECKS = "tests/test_checkpoints.py::test"
RUN = "visml/training/run.py"
LOOP = "tests/training/test_loop.py::test"

TRAINING = (
    Guard(
        "a checkpoint written in place",
        f"{CHECKS}_a_write_cut_short_leaves_the_checkpoint_as_it_was",
        FOLDERS,
        "        yield new\n",
        "        yield folder if folder.exists() else new\n",
    ),
    Guard(
        "a checkpoint renamed before it is on the disk",
        f"{CHECKS}_a_checkpoint_is_on_the_disk_before_it_takes_the_old_ones_place",
        FOLDERS,
        "        _flush(new)\n",
        "",
    ),
    Guard(
        "a kill between two renames",
        f"{CHECKS}_a_kill_between_the_two_renames_is_mended",
        FOLDERS,
        "    _recover(folder)\n    name = folder.name\n",
        "    name = folder.name\n",
    ),
    Guard(
        "a killed run",
        f"{LOOP}_a_killed_run_goes_on_to_the_very_weights_of_an_unbroken_one",
        "visml/training/reading.py",
        "for each in parts[run.at.batch :]]",
        "for each in parts]",
    ),
    Guard(
        "a pickle bomb as a run's state",
        f"{LOOP}_a_pickle_bomb_as_a_runs_state_is_refused_and_does_not_run",
        RUN,
        "weights_only=True",
        "weights_only=False",
    ),
    Guard(
        "a run's state that is another's",
        f"{LOOP}_a_damaged_state_is_one_sentence[another state]",
        RUN,
        'return {part: state[part] for part in ("recipe", "at", "model", "average", "optimizers")}',
        "return state",
    ),
    Guard(
        "unreadable pictures",
        "tests/training/test_crops.py::test_pictures_that_cannot_be_opened_are_left_out_and_counted",
        "visml/training/crops.py",
        "except (PhotoRefused, OSError):",
        "except MemoryError:",
    ),
    Guard(
        "unreadable pictures that nobody hears of",
        f"{LOOP}_unreadable_pictures_are_skipped_and_reported",
        RUN,
        "        self.unreadable += batch.unreadable\n",
        "",
    ),
    Guard(
        "more than 5 % unreadable pictures",
        f"{LOOP}_a_folder_of_mostly_broken_pictures_stops_the_run",
        RUN,
        "if self.at.unreadable > LARGEST_LOST_SHARE * seen:",
        "if False:",
    ),
    Guard(
        "two trainers on one folder",
        f"{LOOP}_two_trainers_do_not_share_a_folder",
        RUN,
        "fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "pass",
    ),
)
