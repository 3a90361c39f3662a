"""Networks that come as files, and what threatens through them."""

from __future__ import annotations

from faults.threats.guard import Guard

FOLDERS = "visml/checkpoints.py"
PUBLISHED = "visml/models/official.py"
CHECKS = "tests/test_checkpoints.py::test"
IMPORTS = "tests/models/test_official.py::test"
BROKEN = f"{CHECKS}_a_broken_checkpoint_is_refused_in_one_sentence_and_the_others_still_listed"

CHECKPOINTS = (
    Guard(
        "a pickle bomb in a .pth",
        f"{IMPORTS}_a_pickle_bomb_is_refused_and_does_not_run",
        PUBLISHED,
        "weights_only=True",
        "weights_only=False",
    ),
    Guard(
        "a .pth that is truncated, empty or HTML",
        f"{IMPORTS}_files_that_are_no_weights_get_one_sentence",
        PUBLISHED,
        "    except Exception:  # torch, zipfile, pickle and safetensors each have their own\n",
        "    except MemoryError:\n",
    ),
    *(
        Guard(
            f"weights that are {kind}",
            f"{BROKEN}[{case}]",
            FOLDERS,
            "except (OSError, safetensors.SafetensorError):",
            "except OSError:",
        )
        for kind, case in (("truncated", "truncated"), ("empty", "empty"), ("HTML", "html saved as weights"))
    ),
    Guard(
        "a broken checkpoint in the list of models",
        f"{CHECKS}_half_copied_unreadable_and_linked_out_folders_are_skipped_with_a_reason",
        FOLDERS,
        "except CheckpointRefused as refusal:",
        "except MemoryError as refusal:",
    ),
    Guard(
        "one flipped bit",
        f"{BROKEN}[one flipped bit]",
        FOLDERS,
        'if _sha256(path) != checkpoint.description["sha256"]:',
        "if False:",
    ),
    Guard(
        "another architecture or width",
        f"{BROKEN}[another width]",
        FOLDERS,
        "    _compare_shapes(checkpoint.name, path, model)\n",
        "",
    ),
    Guard(
        "NaN weights",
        f"{BROKEN}[nan]",
        FOLDERS,
        "    _refuse_not_finite(checkpoint.name, state)\n",
        "",
    ),
    Guard(
        "safetensors that claim 100,000 x 100,000",
        f"{BROKEN}[a giant claimed]",
        FOLDERS,
        "    _compare_shapes(checkpoint.name, path, model)\n",
        "",
    ),
    Guard(
        "a 1.6 kB .pth that claims 100,000 x 100,000",
        f"{IMPORTS}_a_small_file_that_claims_a_giant_is_refused_before_its_numbers_are_touched",
        PUBLISHED,
        "return value.nbytes <= value.untyped_storage().nbytes()",
        "return True",
    ),
    Guard(
        "a checkpoint that is replaced",
        f"{CHECKS}_a_checkpoint_replaced_since_it_was_described_is_refused",
        FOLDERS,
        'if _sha256(path) != checkpoint.description["sha256"]:',
        "if False:",
    ),
    Guard(
        "a half-copied checkpoint",
        f"{CHECKS}_half_copied_unreadable_and_linked_out_folders_are_skipped_with_a_reason",
        FOLDERS,
        "if not (folder / WEIGHTS).is_file():",
        "if False:",
    ),
    Guard(
        "an unreadable checkpoint",
        f"{CHECKS}_half_copied_unreadable_and_linked_out_folders_are_skipped_with_a_reason",
        FOLDERS,
        '    except OSError:\n        raise CheckpointRefused(f"The checkpoint',
        '    except MemoryError:\n        raise CheckpointRefused(f"The checkpoint',
    ),
    Guard(
        "a link that leads out of the folder",
        f"{CHECKS}_half_copied_unreadable_and_linked_out_folders_are_skipped_with_a_reason",
        FOLDERS,
        "if root.resolve() not in folder.resolve().parents:",
        "if False:",
    ),
)
