"""HEIC, as phones write it, by pillow-heif, which the extra `files` brings."""

import io

from PIL import Image

from tinydigits.errors import TinydigitsError
from tinydigits.image.limits import check_size
from tinydigits.image.pillow import MOVING


class HeifFile:
    """A HEIC or HEIF file, read by its primary picture; attributes as in `PillowFile`."""

    count = 1

    def __init__(self, data: bytes, name: str) -> None:
        """Look at the header.

        Raises:
            TinydigitsError: it is damaged, or pillow-heif is not installed.
        """
        try:
            import pillow_heif
        except ImportError as error:
            raise TinydigitsError(
                f"{name}: is a HEIC file; to read it, pip install 'tinydigits[files]'"
            ) from error
        self._name = name
        try:
            found = pillow_heif.open_heif(io.BytesIO(data))
            self._image = found[found.primary_index]
        except Exception as error:
            sentence = " ".join(str(error).split())
            raise TinydigitsError(f"{name}: the picture is damaged ({sentence})") from error
        self.left_out = [MOVING] if len(found) > 1 else []

    def size(self, number: int) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self._image.size
        return width, height

    def image(self, number: int) -> Image.Image:
        """The picture, decoded and turned as its header asks for.

        Raises:
            TinydigitsError: it is too large.
            Exception: whatever libheif raises of a damaged file.
        """
        check_size(*self.size(0), self._name)
        image: Image.Image = self._image.to_pillow()
        return image

    def close(self) -> None:
        """Nothing is held."""
