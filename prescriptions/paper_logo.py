"""The clinic's logo as it goes onto the paper."""

import base64
from io import BytesIO

from PIL import Image

from prescriptions.handout import Handout


def logo_of(handout: Handout) -> bytes:
    """A PNG, grey on a handout without colour; empty where the clinic has none."""
    png = base64.b64decode(handout.logo)
    if not png or not handout.monochrome:
        return png
    grey, made = Image.open(BytesIO(png), formats=("PNG",)).convert("LA"), BytesIO()
    grey.save(made, "PNG")
    return made.getvalue()
