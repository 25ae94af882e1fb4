import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def make_image():
    """Makes a picture of structure at every scale, more of it at the coarse ones, as photographs have."""

    def make(width, height, *, mode="RGB", seed=0):
        generator = np.random.default_rng(seed)
        total = np.zeros((height, width, 3))
        for side in (3, 9, 27, 81):
            coarse = generator.integers(0, 256, (side, side, 3), dtype=np.uint8)
            layer = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
            total += np.asarray(layer, dtype=float) * 3 / side
        stretched = 255 * (total - total.min()) / np.ptp(total)
        return Image.fromarray(stretched.astype(np.uint8)).convert(mode)

    return make
