"""Whether what is taken for ink looks like strokes: long, narrow, of one width, and rare."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinydigits.image.quantile import quantile
from tinydigits.reader.regions import find_runs

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

_NARROW = 0.25  # how much narrow strokes are preferred; from 0 to 0.5 polarity is found alike
_THIN = 3.0  # pixels of the view; what is thinner may be noise, and is not preferred for it
_BROADER = 3.0  # a stroke is at most so many times as broad as the picture's typical stroke
_ENDLESS = 2**14  # the width of what reaches the picture's border


@dataclass(frozen=True)
class Evidence:
    """What speaks for a reading of a picture.

    Attributes:
        length: of all strokes, in pixels, each weighing as much as it differs from the paper.
        width: of a typical stroke, in pixels.
        consistent: share of the ink that is no broader than strokes of that width are.
        share: of the picture that is ink.
        level: contrast of plain ink.
        border: share of the picture's border that is ink.
    """

    length: float
    width: float
    consistent: float
    share: float
    level: float
    border: float

    def score(self, length: float | None = None) -> float:
        """How much of the picture is explained by strokes that are alike, rare and narrow.

        Gaps between strokes are as long and nearly as much alike as the strokes, but broader.
        """
        length = self.length if length is None else min(length, self.length)
        narrow = float(max(self.width, _THIN) ** -_NARROW)
        return length * self.consistent * (1 - self.share) * narrow


NOTHING = Evidence(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def weigh(contrast: Plane, faintest: float) -> Evidence:
    """Weigh ink whose contrast with the paper is given (height, width), 0 for paper."""
    plain = contrast[contrast > faintest]
    if not plain.size:
        return NOTHING
    level = quantile(plain[:: 1 + plain.size // 4000], 0.9)
    mask = contrast > max(0.5 * level, faintest)
    widths = _widths(mask)
    ends = widths < _ENDLESS
    count, widths = len(widths), widths[ends]
    lengths = contrast[mask][ends] / widths
    running = np.cumsum(np.bincount(widths, lengths))
    if not len(running) or running[-1] <= 0:
        return NOTHING
    width = int(np.searchsorted(running, running[-1] / 2))
    alike = widths <= _BROADER * width
    consistent = np.count_nonzero(alike) / count
    length, share = float(lengths[alike].sum()), count / mask.size
    return Evidence(length, float(width), consistent, share, level, _at_border(mask))


def _at_border(mask: Mask) -> float:
    """Share of the picture's border that is ink."""
    return float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())


def _widths(mask: Mask) -> NDArray[np.int16]:
    """For each pixel of the mask the shorter of the two runs, across and down, in which it lies."""
    turned = np.ascontiguousarray(mask.T)
    down = np.empty(turned.shape, np.int16)
    down[turned] = _runs(turned)
    return np.minimum(_runs(mask), down.T[mask])


def _runs(mask: Mask) -> NDArray[np.int16]:
    """For each pixel of the mask the length of the run in which it lies in its row."""
    starts, ends = find_runs(mask)
    lengths, width = ends - starts, mask.shape[1]
    endless = (starts % (width + 1) == 0) | (ends % (width + 1) == width)
    return np.repeat(np.where(endless, _ENDLESS, lengths).astype(np.int16), lengths)
