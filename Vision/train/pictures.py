"""The ELPV pictures: reading, splitting, and what the training does to them."""
import numpy as np
import torch
from elpv_dataset.utils import load_dataset
from PIL import Image
from torch.nn import functional

SIDE = 224
PARTS = {"train": 0.65, "val": 0.10, "test": 0.25}


class Cells:
    """2,624 electroluminescence pictures of solar cells, 300x300, 8-bit grey.

    `probability` is how sure the two experts were of a defect: 0, 1/3, 2/3 or 1. `kind` is mono or poly.
    """

    def __init__(self):
        self.pictures, probability, self.kind = load_dataset()
        # The file says 0.3333: a third is meant.
        self.probability = np.round(probability * 3) / 3
        self.defective = self.probability > 0.5

    def inputs(self):
        """Grey 0...255 as the model takes it, uint8 [N, 1, SIDE, SIDE].

        Pillow's bilinear filter smooths what it shrinks, as the server's own resize does.
        """
        small = [Image.fromarray(picture).resize((SIDE, SIDE), Image.BILINEAR) for picture in self.pictures]
        return torch.from_numpy(np.stack([np.asarray(picture) for picture in small]))[:, None]

    def split(self, seed):
        """Indices of each part, drawn by cell within each label and kind of module.

        The set does not say which module a cell is of, so cells of one module may fall on both sides.
        """
        generator = np.random.default_rng(seed)
        parts = {name: [] for name in PARTS}
        for probability in np.unique(self.probability):
            for kind in np.unique(self.kind):
                cells = np.flatnonzero((self.probability == probability) & (self.kind == kind))
                cuts = np.round(np.cumsum(list(PARTS.values()))[:-1] * len(cells)).astype(int)
                for name, some in zip(PARTS, np.split(generator.permutation(cells), cuts)):
                    parts[name].append(some)
        return {name: np.sort(np.concatenate(some)) for name, some in parts.items()}


def varied(batch, generator):
    """A batch 0...1 [N, 1, H, W] turned, mirrored, shifted a little, and with another exposure.

    A cell has no top: quarter turns and mirroring keep its label. Up to 5 degrees, 4 % of the side and 5 % of the size
    stand for how a camera may be mounted; 20 % of gain for the current through the module.
    """
    def uniform(low, high):
        return torch.empty(len(batch)).uniform_(low, high, generator=generator)

    quarter = torch.randint(4, (len(batch),), generator=generator) * (torch.pi / 2)
    angle = quarter + uniform(-5, 5) * (torch.pi / 180)
    size = uniform(0.95, 1.05)
    mirror = torch.randint(2, (len(batch),), generator=generator) * 2.0 - 1
    rows = [
        torch.stack([angle.cos() * size * mirror, -angle.sin() * size, uniform(-0.08, 0.08)], dim=1),
        torch.stack([angle.sin() * size * mirror, angle.cos() * size, uniform(-0.08, 0.08)], dim=1),
    ]
    grid = functional.affine_grid(torch.stack(rows, dim=1), batch.shape, align_corners=False)
    moved = functional.grid_sample(batch, grid, padding_mode="border", align_corners=False)
    gain, offset = uniform(0.8, 1.2), uniform(-0.05, 0.05)
    return (moved * gain[:, None, None, None] + offset[:, None, None, None]).clamp(0, 1)
