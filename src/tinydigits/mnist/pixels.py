"""The one contract of images: float32 in [0, 1], ink 1."""

import torch
from torch import Tensor

from tinydigits.errors import TinydigitsError


def unit_interval(images: Tensor) -> Tensor:
    """Images of any shape, bytes 0 to 255 or floats in [0, 1], as float32 in [0, 1].

    Raises:
        TinydigitsError: they are of another type, or floats outside [0, 1].
    """
    if images.dtype == torch.uint8:
        return images.float() / 255
    if not images.is_floating_point():
        raise TinydigitsError(
            f"the images are {str(images.dtype).removeprefix('torch.')}, but must be uint8, "
            "0 to 255, or floats from 0 to 1"
        )
    if images.numel():
        low, high = images.aminmax()
        if not (low >= 0 and high <= 1):  # so also where they are not numbers
            raise TinydigitsError(
                f"the images are floats from {low:g} to {high:g}, but must be from 0 to 1; "
                "divide by their white, or give bytes"
            )
    return images.float()
