"""The page's gallery: MNIST's test images that the shipped network reads wrongly.

Run it after the network has changed. It writes src/tinydigits/web/static/read/gallery.json, in
which a run of zeros is a 0 and its length, at most 255.

    python benchmarks/gallery.py --data-dir DIR
"""

import base64
import json
from itertools import groupby

import numpy as np

from common import add_sources, arguments
from tinydigits.files import atomic_write
from tinydigits.mnist.data import load_data
from tinydigits.reader.recognise import recognise
from tinydigits.reader.session import Session
from tinydigits.web.page import STATIC

MOST = 32  # images: the page must stay under 650 kB (tests/web/test_page.py)


def squeezed(pixels: bytes) -> bytes:
    """Bytes with their runs of zeros shortened."""
    out = bytearray()
    for value, run in groupby(pixels):
        count = len(list(run))
        if value:
            out += bytes([value]) * count
            continue
        while count:
            out += bytes([0, min(count, 255)])
            count -= min(count, 255)
    return bytes(out)


def main() -> None:
    parser = arguments(__doc__)
    add_sources(parser, handwriting=False)
    data = load_data("mnist", parser.parse_args().data_dir)
    images, labels = data.test_images[:, 0].numpy(), data.test_labels.numpy()
    read = recognise(Session(), images.astype(np.float32) / 255).argmax(1)
    wrong = np.flatnonzero(read != labels)[:MOST]
    gallery = {
        "labels": "".join(str(label) for label in labels[wrong]),
        "images": base64.b64encode(squeezed(images[wrong].tobytes())).decode(),
    }
    text = json.dumps(gallery) + "\n"
    atomic_write(STATIC / "read" / "gallery.json", text)
    print(f"{len(wrong)} images, {len(text):,} bytes")


if __name__ == "__main__":
    main()
