"""Does the same digit read the same in another size, colour, file? Keeps results/metamorphic.json.

    python benchmarks/metamorphic.py [--images N] [--data-dir DIR]

The digits are MNIST's test images from the first on; each look is compared with the plain one.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from looks import agreement
from reading import here, reader_digest
from tinydigits import Reader
from tinydigits.files import atomic_write
from tinydigits.reader.session import SHIPPED

RESULTS = Path(__file__).with_name("results") / "metamorphic.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    images = here(None, chosen.data_dir).mnist[0][: chosen.images]
    reader = Reader()
    found = agreement(lambda shown: reader.read(shown).text, images, np.random.default_rng(5))
    for transformation, group in found.items():
        print(f"{transformation}: {100 * np.mean(list(group.values())):.2f} %")
        for name, share in group.items():
            print(f"    {name}: {100 * share:.1f} %")
    facts = {"images": len(images), "reader_sha256": reader_digest(SHIPPED)}
    result = facts | {"agreement": found}
    atomic_write(chosen.out, json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
