"""Write what becomes of the golden inks: after a deliberate change of the weights."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from tinydigits.image.normalise import normalise
from tinydigits.reader.recognise import recognise, view_log_probs
from tinydigits.reader.session import Session

FOLDER = Path(__file__).parent


def expected(ink: Path) -> dict[str, list]:
    """The 28x28 image of a digit's ink, what the network says of each view, the probabilities."""
    image = normalise(np.asarray(Image.open(ink), np.float32) / 255)
    session = Session()
    return {
        "image": np.rint(255 * image).astype(int).tolist(),
        "log_probs": view_log_probs(session, image[None])[0].round(4).tolist(),
        "probabilities": recognise(session, image[None])[0].round(5).tolist(),
    }


if __name__ == "__main__":
    vectors = {ink.name: expected(ink) for ink in sorted((FOLDER / "ink").glob("*.png"))}
    text = json.dumps(vectors, separators=(",", ":"))
    (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")
