"""What ``visml colorize`` does for each photo: where it comes from, where it goes, and what was refused."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from visml.inspector.subject import Subject
from visml.scale.work import Driver, Tell, here, silent
from visml.settings import Refused

_LONGEST = 65_500  # pixels on a side of a JPEG


class JobRefused(Refused):
    """A photo that cannot be written where it was asked for."""


@dataclass(frozen=True)
class Job:
    """One photo.

    Attributes:
        photo: the path to read, ``-`` for standard input.
        output: the path to write.
        refusal: why it is not colored, "" where it is.
    """

    photo: str
    output: Path
    refusal: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a photo: what is told of it when it was written, or why it was not."""

    photo: str
    written: dict[str, Any] | None = None
    refusal: str = ""


@dataclass(frozen=True)
class Coloring:
    """The :class:`visml.scale.work.Work` of coloring photos.

    Attributes:
        subject: the network.
        temperature: of decoding.
        limits: how large a photo may be.
        compare: whether gray and actual colors are put beside.
        category: what the photos show, for a network that is told.
        chunk: photos of one part.
    """

    subject: Subject
    temperature: float
    limits: Limits
    compare: bool
    category: str | None = None
    chunk: int = 8

    @property
    def on_gpu(self) -> bool:
        """Whether the network lies on a GPU."""
        return self.subject.device.type == "cuda"

    def do(self, items: Sequence[Job], tell: Tell = silent) -> list[Outcome]:
        """Color some photos and write them."""
        inspector, outcomes = Inspector(self.subject), []
        for count, job in enumerate(items, start=1):
            try:
                outcomes.append(Outcome(job.photo, _color(job, self, inspector)))
            except Refused as refusal:
                outcomes.append(Outcome(job.photo, refusal=str(refusal)))
            tell(count)
        return outcomes


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


def for_cluster(jobs: list[Job]) -> list[Job]:
    """The same as other processes, in other folders, can do it.

    Raises:
        JobRefused: standard input or standard output is among it.
    """
    if any(job.photo == "-" or job.output == common.STANDARD for job in jobs):
        raise JobRefused("A Ray cluster reads and writes files; name photos or folders, and a folder with -o.")
    return [Job(os.path.abspath(job.photo), job.output.absolute()) for job in jobs]


def run(
    jobs: list[Job], how: Coloring, force: bool, drive: Driver = here
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Color every photo that can be; what was written and, told on stderr as it comes, what was refused and why.

    Which pictures are there already is looked up before the first is written: work that is done a second time, since
    a worker died, finds its own.
    """
    done: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    shared = Counter(job.output for job in jobs)
    known = [replace(job, refusal=_refusal(job.output, shared, force)) for job in jobs]
    with common.progress("photos", len(jobs)) as show:
        for outcomes in drive(how, known, lambda count: show(count, None)):
            for each in outcomes:
                if each.written is not None:
                    done.append(each.written)
                else:
                    common.say(f"{each.photo}: {each.refusal}")
                    refused.append({"photo": each.photo, "reason": each.refusal})
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


def _refusal(output: Path, shared: Counter[Path], force: bool) -> str:
    """Why nothing is written to a place, "" where something is."""
    if output == common.STANDARD:
        return ""
    if shared[output] > 1:
        return f"Several photos would become '{output}'; color them into different folders."
    return f"'{output}' is there already; --force overwrites it." if output.exists() and not force else ""


def _color(job: Job, how: Coloring, inspector: Inspector) -> dict[str, Any]:
    if job.refusal:
        raise JobRefused(job.refusal)
    began = time.monotonic()
    photo = read(job.photo, how.limits)
    painted = inspector.colorize(photo, how.temperature, how.category)
    picture = side_by_side(photo.rgb, painted) if how.compare else painted
    height, width = picture.shape[:2]
    if max(height, width) > _LONGEST:
        raise JobRefused(f"A JPEG cannot be {width} x {height} pixels; at most {_LONGEST} on a side.")
    common.write(job.output, encode_jpeg(picture))
    seconds = round(time.monotonic() - began, 3)
    return {"photo": job.photo, "output": str(job.output), "width": width, "height": height, "seconds": seconds}
