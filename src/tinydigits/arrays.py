"""What NumPy's arrays are called in types: by their shape, and so by what they hold."""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]  # (height, width), or several of them, (N, height, width)
Bytes = NDArray[np.uint8]  # (height, width), or in colour, (height, width, 3)
Flags = NDArray[np.bool_]
Images = NDArray[np.float32]  # (N, 28, 28) in [0, 1], ink 1
Labels = NDArray[np.int64]  # (N,), 0 to 9
Probabilities = NDArray[np.floating]  # (N, 10), whose rows sum to 1
Generator = np.random.Generator
