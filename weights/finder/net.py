"""The finder: a grey picture in, where its digits and marks are out. Written down here, once.

A U-Net (Ronneberger, Fischer and Brox, 2015) of depthwise separable blocks (Chollet, 2017) with
four strides of 2. Per pixel it tells the ink of digits and of marks; per place, as CenterNet does
(Zhou, Wang and Krähenbühl, 2019), the centres of digits, marks and other writing, their size, what
they are and which way is up. It is trained for digits of 12 to 80 pixels and looks at a picture in
several scales.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tinydigits.reader.finder import CLASSES, HEATS

CHANNELS = (16, 24, 64, 96)  # at strides of 2, 4, 8 and 16
TURNS = 4  # quarters of a turn, anticlockwise, by which what is seen was turned
# What is told at a stride of 4: centres, small digits, the logs of size, what it is, its turn.
COARSE = HEATS + 1 + 2 + len(CLASSES) + TURNS


class Separable(nn.Module):
    """A residual block: each channel convolved alone, then mixed by a 1x1 convolution."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            channels, channels, kernel, padding=kernel // 2, groups=channels, bias=False
        )
        self.pointwise = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) -> the same."""
        return F.relu(x + self.norm(self.pointwise(self.depthwise(x))))


def _down(source: int, target: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(source, target, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(target),
        nn.ReLU(),
    )


def _blocks(count: int, channels: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(*(Separable(channels, kernel) for _ in range(count)))


class Finder(nn.Module):
    """(N, 3, H, W), sides multiples of 16 -> ink, offsets, coarse.

    - ink: logits (N, 2, H, W), of digits and of marks;
    - offsets: (N, 2, H / 2, W / 2), from a pixel of ink to the centre of its digit or mark, x and
      y, in units of 16 pixels;
    - coarse: (N, 31, H / 4, W / 4): logits of centres (3) and of digits too small for this scale
      (1), log size (2: width, height, in units of 32 pixels), logits of what it is (21) and of
      which way it is turned (4).
    """

    def __init__(self) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth = CHANNELS
        self.down1, self.in1 = _down(3, half), _blocks(1, half, 3)
        self.down2, self.in2 = _down(half, quarter), _blocks(2, quarter, 3)
        self.down3, self.in3 = _down(quarter, eighth), _blocks(2, eighth, 5)
        self.down4, self.in4 = _down(eighth, sixteenth), _blocks(6, sixteenth, 5)
        self.up3, self.out3 = nn.Conv2d(sixteenth, eighth, 1), _blocks(2, eighth, 3)
        self.up2, self.out2 = nn.Conv2d(eighth, quarter, 1), _blocks(2, quarter, 3)
        self.up1, self.out1 = nn.Conv2d(quarter, half, 1), _blocks(1, half, 3)
        self.wide = nn.Sequential(
            nn.Conv2d(quarter, 2 * quarter, 1, bias=False), nn.BatchNorm2d(2 * quarter), nn.ReLU()
        )
        self.coarse = nn.Conv2d(2 * quarter, COARSE, 1)
        self.fine = nn.Conv2d(half, 2 + 2 * 4, 1)
        with torch.no_grad():  # most places hold nothing
            self.coarse.bias[: HEATS + 1] = -4.0
            self.fine.bias[2:] = -3.0

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See the class."""
        x1 = self.in1(self.down1(x))
        x2 = self.in2(self.down2(x1))
        x3 = self.in3(self.down3(x2))
        x4 = self.in4(self.down4(x3))
        y3 = self.out3(F.relu(x3 + _twice(self.up3(x4))))
        y2 = self.out2(F.relu(x2 + _twice(self.up2(y3))))
        y1 = self.out1(F.relu(x1 + _twice(self.up1(y2))))
        fine = self.fine(y1)
        return F.pixel_shuffle(fine[:, 2:], 2), fine[:, :2], self.coarse(self.wide(y2))


def _twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")
