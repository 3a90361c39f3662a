"""The words of the page, each explained in one sentence: what tooltips say, and what docs/glossary.md is made of.

``python -m visml.dashboard.terms > docs/glossary.md`` writes the glossary anew; a test holds the two together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GLOSSARY = "glossary"
HEAD = """# Glossary

Every word that the page explains where it stands: point at a word with dots under it, or reach it with Tab. This list
is written by `python -m visml.dashboard.terms`, from the same sentences.
"""


def anchor(heading: str) -> str:
    """The anchor of a Markdown heading, as GitHub, MkDocs and the page's own manual make it."""
    return re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


@dataclass(frozen=True)
class Term:
    """A word of the page.

    Attributes:
        name: the word, as the glossary heads it.
        meaning: one sentence.
        more: where a definition stands, a file of docs/ with or without an anchor; empty where the sentence is all.
    """

    name: str
    meaning: str
    more: str = ""

    @property
    def key(self) -> str:
        """The word's name in markup and in addresses."""
        return anchor(self.name)


_LAB = "concepts.md#lightness-and-color-lab"
_BINS = "concepts.md#the-bins-of-the-gamut"
_DECODING = "concepts.md#temperature-and-the-annealed-mean"
_AUC = "concepts.md#auc-and-class-balanced-auc"
_REBALANCING = "concepts.md#rebalancing"
_SILENT = "concepts.md#silent-and-dead-filters"
_PUSH = "concepts.md#color-push"
_ATTRIBUTION = "concepts.md#attributions"
_OFF = "insight.md#switching-filters-off"
_LENS = "insight.md#color-lens-how-much-of-the-color-is-there-already"
_WHY = "insight.md#why-this-pixel-this-color"
_GAMUT = "insight.md#the-gamut-both-ways"
_PATCHES = "insight.md#top-patches-what-does-a-filter-look-for"
_WHAT_IF = "insight.md#what-if-the-photo-were-lighter-softer-inverted"
_TRANSPLANT = "insight.md#transplant-features-of-another-photo"
_SAMPLES = "insight.md#samples-what-else-could-it-have-been"
_PRIOR = "insight.md#the-prior-after-the-fact"
_TRUST = "insight.md#trust-is-it-as-right-as-it-is-sure-and-the-same-again"

TERMS = (
    # what the network is given, and what it gives
    Term("Lightness", "How bright a pixel is, L from 0 (black) to 100 (white): all that the network is given.", _LAB),
    Term("Target", "The photo's own colors, which the network never sees."),
    Term("Predicted", "The colors that the network gives, on the photo's own lightness."),
    Term(
        "ab plane",
        "All colors of one lightness: a goes from green to red, b from blue to yellow, gray is (0, 0).",
        _LAB,
    ),
    Term("Bin", "One of 313 squares of the ab plane, 10 by 10 Lab units, that the network chooses between.", _BINS),
    Term("Mode", "The likeliest bin of a pixel: what T 0 paints.", _DECODING),
    Term("Mean", "The mean of all colors, each as strong as it is likely: what T 1 paints, often too gray.", _DECODING),
    Term(
        "Annealed mean",
        "The mean after likely colors are made likelier by T: between mode (T 0) and mean (T 1).",
        _DECODING,
    ),
    Term(
        "Temperature",
        "How colors are read from probabilities: T 0 takes the likeliest one, T 1 the mean of all.",
        _DECODING,
    ),
    Term(
        "Told",
        "The category of the photo, as you say it: some networks read it beside the lightness.",
        "models.md#conditioned",
    ),
    Term("Prior", "How often each color occurs in the training pictures; the slider divides that out.", _PRIOR),
    Term(
        "Entropy",
        "How unsure the network is of a color: 0 bits is certain, 8.3 bits is knowing nothing.",
        "concepts.md#entropy",
    ),
    Term("Modes", "How many separate colors the network thinks likely at one place.", _GAMUT),
    Term("Margin", "Probability of the likeliest color less that of the second: near 0 it is undecided.", _GAMUT),
    Term("Out of gamut", "How far a painted color had to be moved, in Lab units, for a screen to show it.", _GAMUT),
    # scores
    Term("PSNR", "Peak signal-to-noise ratio in dB: more is nearer to the photo, and dull colorings score well."),
    Term("SSIM", "Structural similarity: how alike two pictures are in small windows; 1 is equal."),
    Term(
        "CIEDE2000",
        "How different two colors look, also written \u0394E2000: 0 is equal, about 1 just visible.",
        "concepts.md#color-difference-ciede2000",
    ),
    Term(
        "AuC", "Share of pixels whose color is off by at most t, averaged over t from 0 to 150 Lab units, in %.", _AUC
    ),
    Term(
        "Class-balanced", "Each color counts by how rare it is, so that grays cannot make up for missed colors.", _AUC
    ),
    Term("Colorfulness", "How vivid a picture is (Hasler and Suesstrunk 2003); compare it with the photo's own."),
    Term(
        "ECE",
        "Expected calibration error: by how much confidence and being right differ, on average, in %.",
        "concepts.md#calibration-and-ece",
    ),
    # a layer
    Term("Filter", "One channel of a layer: it looks for one pattern, at every place of the photo."),
    Term("Map", "What one filter answers at every place: yellow is strong, dark is weak."),
    Term("Mean activation", "A filter's answer averaged over all places of this photo."),
    Term("Active", "Share of the places at which a filter's answer is above 0."),
    Term(
        "Receptive field", "The square of the photo that one place of a layer can see.", "concepts.md#receptive-field"
    ),
    Term("Silent filter", "A filter that answers nowhere on this photo: its map is 0 everywhere.", _SILENT),
    Term("Dead filter", "A filter that answered nowhere on any photo of a whole set.", _PATCHES),
    Term("Near-duplicates", "Two filters that answer alike almost everywhere: the cosine is above 0.95.", _PATCHES),
    Term("Kernel", "A filter's weights: what it multiplies each of its inputs by, place by place."),
    Term("Scale", "Layer: one scale for all maps, so that they compare; map: each from its own least to most."),
    # questions
    Term("Region", "The part of the photo that a question is about: drag a box over a picture."),
    Term("Push", "How much of the region's color a filter makes: the mean color with it, less without it.", _PUSH),
    Term("Sign of a push", "Above 0 the filter pushes toward the chosen color, below 0 away from it.", _OFF),
    Term("Estimate", "A pale bar is a guess from the slope, quick for a whole layer; exact ones replace it.", _PUSH),
    Term("Switched off", "The filter gives 0 (or its mean, or a share) and all later layers go on with that.", _OFF),
    Term("Lens", "What one layer's answers already tell of the color, read by a simple linear probe.", _LENS),
    Term("Linear probe", "A weighted sum per color, fitted to a layer's answers: it reads only what is plain.", _LENS),
    Term(
        "Attribution",
        "How much each pixel's lightness adds to a color (orange) or takes from it (purple).",
        _ATTRIBUTION,
    ),
    Term(
        "Gradient x input",
        "Attribution by the slope at this photo: one quick look, blind to large changes.",
        _ATTRIBUTION,
    ),
    Term(
        "Integrated gradients",
        "Attribution by slopes on the way from even gray to the photo; the parts add up.",
        _ATTRIBUTION,
    ),
    Term(
        "Occlusion",
        "Attribution by hiding small windows and seeing what is lost: slow, and needs no slope.",
        _ATTRIBUTION,
    ),
    Term("Baseline", "The even gray photo that the real one is compared with.", _WHY),
    Term("Carriers", "Filters whose answer times slope is largest: the color would fall most without them.", _WHY),
    Term("Effective field", "The smaller square of the photo that a place really hangs on: 95 % of its slope.", _WHY),
    Term("Top patches", "The places, one a photo, at which a filter answers most strongly.", _PATCHES),
    Term("Tone curve", "Which lightness each lightness is turned into before the network sees it.", _WHAT_IF),
    Term("Donor", "Another photo, whose features are put in place of this one's inside the region.", _TRANSPLANT),
    Term("Way to the donor", "How far the region's color moved: 0 % stayed, 100 % is the donor's color.", _TRANSPLANT),
    Term("Samples", "Colorings drawn by chance from the network's own probabilities.", _SAMPLES),
    Term("Coherence", "How far neighbors share their luck: small makes confetti, large makes areas.", _SAMPLES),
    Term("Spread", "How far the drawn colors of a place lie apart, in Lab units.", _SAMPLES),
    Term("Confidence", "The probability that the network gives its likeliest color.", _TRUST),
    Term("Calibration", "Whether the network is right as often as it is sure.", "concepts.md#calibration-and-ece"),
    Term("Spill", "Color that ends where the photo has no edge: paint over the line.", _TRUST),
    # training
    Term(
        "Class rebalancing", "Rare colors count more in training, so that not everything turns out brown.", _REBALANCING
    ),
    Term(
        "Lambda",
        "How the weights are evened out: 0 weighs a color by how rare it is, 1 counts all alike.",
        _REBALANCING,
    ),
    Term("Loss", "What training lowers: how wrong the network is, in one number."),
    Term("Learning rate", "How large a step training takes each time."),
    Term("Epoch", "Training has seen every picture once."),
)

BY_KEY = {term.key: term for term in TERMS}


def glossary() -> str:
    """The whole of docs/glossary.md, the words from A to Z."""
    words = sorted(TERMS, key=lambda term: term.name.lower())
    return "\n".join([HEAD, *("\n".join(_entry(term)) for term in words)])


def _entry(term: Term) -> list[str]:
    more = f" [How it is defined]({term.more})" if term.more else ""
    return [f"## {term.name}", "", f"{term.meaning}{more}", ""]


if __name__ == "__main__":
    print(glossary().rstrip())
