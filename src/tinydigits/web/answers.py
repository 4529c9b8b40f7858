"""What the service takes and gives, as its OpenAPI document says it."""

from typing import Any

from pydantic import BaseModel, Field


class DigitAnswer(BaseModel):
    """One digit."""

    label: int = Field(ge=0, le=9)
    confidence: float = Field(ge=0, le=1)
    box: list[int] = Field(description="left, top, width, height in pixels", min_length=4)
    uncertain: bool


class PictureAnswer(BaseModel):
    """A picture's reading, or why there is none."""

    file: str = Field(description="the name that came with the picture; NAME#2 of several pages")
    page: int | None = Field(default=None, description="of several, from 1 on", ge=1)
    text: str | None = None
    digits: list[DigitAnswer] | None = None
    left_out: dict[str, int] | None = Field(
        default=None, description="things taken for no digits, by what they are"
    )
    error: str | None = None


class Answer(BaseModel):
    """The readings, in the order of the pictures."""

    readings: list[PictureAnswer]


class Problem(BaseModel):
    """Why a request was refused."""

    error: str


_BYTES = {"type": "string", "format": "binary"}
REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "array", "items": _BYTES, "minItems": 1}},
                    "required": ["file"],
                }
            },
            "image/png": {"schema": _BYTES},
            "image/jpeg": {"schema": _BYTES},
            "application/pdf": {"schema": _BYTES},
            "application/octet-stream": {"schema": _BYTES},
        },
    }
}
