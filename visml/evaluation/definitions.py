"""What each score is, in one sentence, for tables that people read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """A score of :class:`visml.evaluation.tally.Row`.

    Attributes:
        key: its name there.
        title: a column's heading, with the unit.
        form: how a value is written, as Python's ``format`` takes it.
        meaning: one sentence.
    """

    key: str
    title: str
    form: str
    meaning: str


SCORES = (
    Definition(
        "auc",
        "AuC, %",
        ".2f",
        "Area under the curve of the share of pixels whose ab error is at most t, for t = 0 to 150; "
        "every pixel counts the same, so gray pixels decide.",
    ),
    Definition(
        "balanced_auc",
        "class-balanced AuC, %",
        ".2f",
        "AuC with each pixel counting 1/n of its true bin, n being the bin's pixels in this folder: the mean of "
        "the bins' own AuC, bins of under 500 pixels left out.",
    ),
    Definition(
        "prior_auc",
        "prior-weighted AuC, %",
        ".2f",
        "AuC with each pixel counting 1/p of its true bin, p being the smoothed prior of the training set named "
        "above; it hangs on the pixels of the rarest bins.",
    ),
    Definition(
        "rmse_ab",
        "RMSE ab",
        ".2f",
        "Root of the mean squared difference of all a and b values, in Lab units; 0 is equal.",
    ),
    Definition(
        "psnr",
        "PSNR, dB",
        ".2f",
        "Peak signal-to-noise ratio of the RGB values, mean over pictures; dull colorings do well on it, so it ranks "
        "nothing by itself.",
    ),
    Definition(
        "ssim",
        "SSIM",
        ".3f",
        "Structural similarity of the RGB pictures, mean over channels and pictures; 1 is equal, and with the "
        "lightness given all colorings come near it.",
    ),
    Definition(
        "ciede2000",
        "CIEDE2000",
        ".2f",
        "Mean color difference as the eye weighs it; 0 is equal, about 1 is just visible side by side.",
    ),
    Definition(
        "colorfulness",
        "colorfulness",
        ".1f",
        "Spread and shift of the opponent colors R-G and (R+G)/2-B, as Hasler and Suesstrunk first defined it in 2003, "
        "mean over pictures; more is not better.",
    ),
    Definition(
        "colorfulness_difference",
        "to the photos",
        "+.1f",
        "Colorfulness minus that of the photos themselves: below 0 is too dull, above 0 too loud.",
    ),
    Definition(
        "colorfulness_absolute",
        "colorfulness (absolute)",
        ".1f",
        "The variant of most recent papers, which takes absolute values of the opponent colors.",
    ),
    Definition(
        "colorfulness_absolute_difference",
        "to the photos (absolute)",
        "+.1f",
        "That variant minus the photos' own.",
    ),
    Definition(
        "accuracy",
        "accuracy",
        ".1%",
        "Share of the output's positions where the likeliest bin is the true one; only models with bins have it.",
    ),
    Definition(
        "relaxed_accuracy",
        "relaxed accuracy",
        ".1%",
        "Share of positions where the true bin is among the five likeliest.",
    ),
)

METHODS = (
    ("model", "The network evaluated."),
    ("gray", "No color at all, ab = 0."),
    ("training_mean", "The mean color of the training set everywhere."),
    ("lightness_table", "Each pixel in the mean color that its lightness has in the training set."),
    ("random_picture", "The colors of another picture of this folder, at the same positions."),
)

CALIBRATION = (
    "Positions are sorted by the probability of their likeliest bin at T = 1 into 15 equal parts. A bar is the share "
    "of right ones in a part, the dotted diagonal is where it would equal the confidence, and the thin line is the "
    "share of positions in each part. The expected calibration error is the mean distance of bars and confidence, "
    "weighed by positions."
)
