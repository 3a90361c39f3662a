"""What ``visml colorize`` does for each photo: where it comes from, where it goes, and what was refused."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from visml.cli import common
from visml.images.decode import Limits, Photo, decode, encode_jpeg, open_photo
from visml.images.folder import find_pictures
from visml.inspector import Inspector
from visml.inspector.painting import paint
from visml.settings import Refused

_LONGEST = 65_500  # pixels on a side of a JPEG


class JobRefused(Refused):
    """A photo that cannot be written where it was asked for."""


@dataclass(frozen=True)
class Job:
    """One photo: the path to read, ``-`` for standard input, and the path to write."""

    photo: str
    output: Path


@dataclass(frozen=True)
class How:
    """How photos are colored."""

    inspector: Inspector
    temperature: float
    limits: Limits
    compare: bool
    force: bool
    category: str | None = None


def plan(photos: Sequence[str], out: Path) -> list[Job]:
    """The photos, folders unfolded, and where each goes; a folder's own folders are kept under ``out``.

    Raises:
        FolderRefused: a folder has no pictures.
        JobRefused: several photos for standard output, or standard input named twice.
    """
    jobs = [job for photo in photos for job in _jobs(photo, out)]
    if out == common.STANDARD and len(jobs) > 1:
        raise JobRefused(f"Standard output takes one photo, not {len(jobs)}; name a folder with -o.")
    if sum(job.photo == "-" for job in jobs) > 1:
        raise JobRefused("Standard input holds one photo; name '-' once.")
    return jobs


def run(jobs: list[Job], how: How) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Color every photo that can be; what was written and, told on stderr at once, what was refused and why."""
    done: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    shared = Counter(job.output for job in jobs)
    with common.progress("photos", len(jobs)) as show:
        for count, job in enumerate(jobs, start=1):
            try:
                if shared[job.output] > 1 and job.output != common.STANDARD:
                    raise JobRefused(f"Several photos would become '{job.output}'; color them into different folders.")
                done.append(_color(job, how))
            except Refused as refusal:
                common.say(f"{job.photo}: {refusal}")
                refused.append({"photo": job.photo, "reason": str(refusal)})
            show(count, None)
    return done, refused


def read(photo: str, limits: Limits) -> Photo:
    """A photo from a path or, for ``-``, from standard input.

    Raises:
        PhotoRefused: it is not a photo within the limits.
    """
    if photo == "-":
        return decode(common.read_standard_input(limits.max_mb * 10**6), limits, "stdin")
    return open_photo(photo, limits)


def side_by_side(rgb: npt.NDArray[np.uint8], colored: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Gray, colored and actual: ``(H, 3 W, 3)`` uint8 of two ``(H, W, 3)``."""
    gray = paint(rgb, torch.zeros(1, 2, 1, 1))
    return np.concatenate([gray, colored, rgb], axis=1)


def _jobs(photo: str, out: Path) -> list[Job]:
    folder = Path(photo)
    if photo == "-" or not folder.is_dir():
        return [Job(photo, _output(PurePath("stdin" if photo == "-" else folder.name), out))]
    root = folder.resolve()
    return [Job(str(each.path), _output(each.path.relative_to(root), out)) for each in find_pictures(folder)]


def _output(place: PurePath, out: Path) -> Path:
    return out if out == common.STANDARD else out / place.parent / f"{place.stem}-color.jpg"


def _color(job: Job, how: How) -> dict[str, Any]:
    if job.output != common.STANDARD and job.output.exists() and not how.force:
        raise JobRefused(f"'{job.output}' is there already; --force overwrites it.")
    began = time.monotonic()
    photo = read(job.photo, how.limits)
    painted = how.inspector.colorize(photo, how.temperature, how.category)
    picture = side_by_side(photo.rgb, painted) if how.compare else painted
    height, width = picture.shape[:2]
    if max(height, width) > _LONGEST:
        raise JobRefused(f"A JPEG cannot be {width} x {height} pixels; at most {_LONGEST} on a side.")
    common.write(job.output, encode_jpeg(picture))
    seconds = round(time.monotonic() - began, 3)
    return {"photo": job.photo, "output": str(job.output), "width": width, "height": height, "seconds": seconds}
