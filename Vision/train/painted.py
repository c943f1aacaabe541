"""Paints defects of known place on brushed metal and trains a small network that finds them.

README.md says what for.
"""
import argparse
import csv
import json
import pathlib

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

import cards
import exchange

SIDE = 256
CELL = 4
CLASSES = ["scratch", "dent", "stain"]
SEED = 20261127
BATCH = 16
# The least score of a cell that counts, and the least cells of a region.
LEVEL = 0.5
CELLS_MIN = 3


# Painting


def smooth(noise, radius, axis):
    """The mean of `radius` samples on each side, the ends joined."""
    window = 2 * radius + 1
    padded = np.concatenate([noise.take(range(-radius - 1, 0), axis), noise, noise.take(range(radius), axis)], axis)
    sums = padded.cumsum(axis)
    return (sums.take(range(window, padded.shape[axis]), axis)
            - sums.take(range(padded.shape[axis] - window), axis)) / window


def brushed_metal(random):
    """Grey 0...1 [SIDE, SIDE]: fine lines along x, uneven light, noise of a sensor."""
    lines = smooth(random.normal(size=(SIDE, SIDE)), int(random.integers(15, 60)), 1)
    lines *= random.uniform(0.02, 0.06) / lines.std()
    y, x = np.mgrid[-1:1:SIDE * 1j, -1:1:SIDE * 1j]
    light = random.uniform(0.35, 0.65) + random.uniform(-0.1, 0.1) * x + random.uniform(-0.1, 0.1) * y
    return light + lines + random.normal(0, 0.01, (SIDE, SIDE))


def place(random):
    """Distances to a centre that is well inside, in pixels."""
    centre = random.uniform(0.15 * SIDE, 0.85 * SIDE, 2)
    y, x = np.mgrid[:SIDE, :SIDE]
    return x - centre[0], y - centre[1]


def scratch(random):
    """A bent line, 1 to 3 pixels wide. Along the brushing nobody would see it, so it runs across."""
    x, y = place(random)
    angle = np.pi / 2 + random.uniform(-1.2, 1.2)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    across = across - random.uniform(-2e-3, 2e-3) * along ** 2
    half, width = random.uniform(20, 75), random.uniform(0.7, 1.6)
    shape = np.exp(-(across / width) ** 2) * (1 / (1 + np.exp((np.abs(along) - half) / 2)))
    return random.choice([-1, 1]) * random.uniform(0.12, 0.35) * shape, shape > 0.35


def dent(random):
    """A round hollow, bright where it faces the light and dark across from there."""
    x, y = place(random)
    radius, angle = random.uniform(9, 24), random.uniform(0, 2 * np.pi)
    toward = (x * np.cos(angle) + y * np.sin(angle)) / radius
    far = np.hypot(x, y) / radius
    return random.uniform(0.2, 0.5) * toward * np.exp(-far ** 2 * 1.5) * 1.6, far < 1.2


def stain(random):
    """A darker film with an uneven rim."""
    x, y = place(random)
    angle, radius = np.arctan2(y, x), random.uniform(12, 40)
    rim = 1 + sum(random.uniform(-0.25, 0.25) / turn * np.cos(turn * angle + random.uniform(0, 2 * np.pi))
                  for turn in range(2, 6))
    edge = np.hypot(x, y) / (radius * rim)
    shape = 1 / (1 + np.exp((edge - 1) * 12))
    cloud = smooth(smooth(random.normal(size=(SIDE, SIDE)), 6, 0), 6, 1)
    return -random.uniform(0.08, 0.25) * shape * (1 + 0.3 * cloud / cloud.std()), edge < 1


PAINTERS = dict(zip(CLASSES, (scratch, dent, stain)))


def paint(random):
    """- Returns: a picture, uint8 [SIDE, SIDE]; masks, bool [classes, SIDE, SIDE]; and (class, mask) of each defect.

    A picture in three is good; the others have one or two defects, which do not touch.
    """
    picture, defects = brushed_metal(random), []
    masks = np.zeros((len(CLASSES), SIDE, SIDE), bool)
    for _ in range(random.choice([0, 1, 2], p=[1 / 3, 1 / 2, 1 / 6])):
        kind = int(random.integers(len(CLASSES)))
        change, mask = PAINTERS[CLASSES[kind]](random)
        if (mask & masks.any(axis=0)).any():
            continue
        picture, masks[kind] = picture + change, masks[kind] | mask
        defects.append((kind, mask))
    return (picture.clip(0, 1) * 255).round().astype(np.uint8), masks, defects


def paint_many(seed, count):
    random = np.random.default_rng(seed)
    return [paint(random) for _ in range(count)]


def tensors(painted):
    """uint8 [N, 1, SIDE, SIDE] and [N, classes, SIDE / 4, SIDE / 4]: 1 where a defect covers enough of a cell."""
    pictures = torch.from_numpy(np.stack([picture for picture, _, _ in painted]))[:, None]
    masks = torch.from_numpy(np.stack([masks for _, masks, _ in painted]))
    cells = torch.cat([functional.avg_pool2d(some.float(), CELL) for some in masks.split(64)])
    return pictures, (cells > 0.15).float()


# Training


class Finder(nn.Module):
    """[N, 1, SIDE, SIDE] grey 0...1 to logits [N, classes, SIDE / 4, SIDE / 4]."""

    def __init__(self, width=24):
        super().__init__()
        self.stem = nn.Sequential(self.step(1, 16, stride=2), self.step(16, width, stride=2))
        self.blocks = nn.ModuleList(self.step(width, width, dilation=reach) for reach in (1, 2, 4, 8, 1))
        self.head = nn.Conv2d(width, len(CLASSES), 1)
        # Few cells are defective: at the start nothing is.
        nn.init.constant_(self.head.bias, -3)

    @staticmethod
    def step(channels, width, stride=1, dilation=1):
        return nn.Sequential(
            nn.Conv2d(channels, width, 3, stride, dilation, dilation, bias=False), nn.BatchNorm2d(width), nn.ReLU())

    def forward(self, image):
        x = self.stem(image - 0.5)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


def train(options):
    torch.manual_seed(options.seed)
    network = Finder()
    inputs, targets = tensors(paint_many(options.seed, options.pictures))
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.01)
    steps = options.epochs * len(inputs.split(BATCH))
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    for epoch in range(1, options.epochs + 1):
        losses = []
        for some in torch.randperm(len(inputs)).split(BATCH):
            logits = network(inputs[some].float() / 255)
            loss = functional.binary_cross_entropy_with_logits(logits, targets[some])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rate.step()
            losses.append(loss.item())
        print(f"epoch {epoch} of {options.epochs}: loss {np.mean(losses):.5f}", flush=True)
    return network.eval()


# Measuring


def regions(cells):
    """Connected regions (four neighbours) of a bool [H, W], as lists of (row, column), the small ones left out."""
    left, found = set(zip(*map(np.ndarray.tolist, np.nonzero(cells)))), []
    while left:
        open_cells, region = [left.pop()], []
        while open_cells:
            row, column = open_cells.pop()
            region.append((row, column))
            for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                if near in left:
                    left.remove(near)
                    open_cells.append(near)
        if len(region) >= CELLS_MIN:
            found.append(region)
    return found


def box(rows, columns):
    """Left, top, width, height."""
    left, top = int(min(columns)), int(min(rows))
    return [left, top, int(max(columns)) + 1 - left, int(max(rows)) + 1 - top]


def overlap(one, other):
    """Intersection over union of two boxes."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    both = max(width, 0) * max(height, 0)
    return both / (one[2] * one[3] + other[2] * other[3] - both)


def measure(painted, maps):
    """By class: defects that a region of their class touches, the mean overlap of the boxes, and regions on no defect.

    The true boxes are those of the defect's cells: a hair 2 pixels wide can overlap no box of whole cells by much.
    """
    counts = {name: {"defects": 0, "found": 0, "falseRegions": 0, "meanOverlap": 0.0} for name in CLASSES}
    good = alarmed = 0
    for (_, _, defects), scores in zip(painted, maps):
        said = [(kind, box(*zip(*region))) for kind in range(len(CLASSES)) for region in regions(scores[kind] >= LEVEL)]
        real = [(kind, box(*(pixels // CELL for pixels in np.nonzero(mask)))) for kind, mask in defects]
        good, alarmed = good + (not real), alarmed + (not real and bool(said))
        for kind, where in real:
            best = max((overlap(where, there) for other, there in said if other == kind), default=0)
            count = counts[CLASSES[kind]]
            count["defects"] += 1
            count["found"] += best > 0
            count["meanOverlap"] += best
        for kind, there in said:
            hit = any(other == kind and overlap(where, there) > 0 for other, where in real)
            counts[CLASSES[kind]]["falseRegions"] += not hit
    for count in counts.values():
        count["meanOverlap"] /= max(count["defects"], 1)
    return {"classes": counts, "good": good, "goodWithAlarm": alarmed, "level": LEVEL, "cellsMin": CELLS_MIN}


# Writing


def write_card(file, seed, results):
    cards.write_card(
        file, "painted-metal", task="segmentation", opset=exchange.OPSET, licence="Apache-2.0",
        trainedOn=f"defects painted on generated brushed metal by Vision/train/painted.py, seed {seed}",
        commercialUse=True,
        input={"name": "image", "layout": "NCHW", "width": SIDE, "height": SIDE, "colour": "grey", "resize": "stretch"},
        outputs={"mask": "mask", "areaMin": CELLS_MIN}, classes=CLASSES, threshold=LEVEL, metrics=results)


def write_test(painted, folder):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "labels.csv", "w", newline="") as labels:
        writer = csv.writer(labels, lineterminator="\n")
        writer.writerow(["file", "class", "x", "y", "width", "height"])
        for number, (picture, _, defects) in enumerate(painted, 1):
            name = f"part{number:04d}.png"
            Image.fromarray(picture).save(folder / name)
            for kind, mask in defects:
                writer.writerow([name, CLASSES[kind], *box(*np.nonzero(mask))])
            if not defects:
                writer.writerow([name, "good", "", "", "", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("data/painted-model"), metavar="FOLDER")
    parser.add_argument("--pictures", type=int, default=1200, help="to train on (default 1200)")
    parser.add_argument("--epochs", type=int, default=8, help="of the training (default 8)")
    parser.add_argument("--threads", type=int, default=2, help="of the computation (default 2)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of training; the test has the next (default {SEED})")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)

    start = cards.clock()
    network = train(options)
    training = cards.since(start)
    file = options.out / "painted.onnx"
    exchange.export(network, SIDE, "mask", file)
    test = paint_many(options.seed + 1, 300)
    inputs, _ = tensors(test)
    maps = exchange.run_file(file, inputs, options.threads)
    bare = exchange.run_torch(exchange.Probability(network), inputs).numpy()
    results = cards.rounded({
        "seed": options.seed, "trained": options.pictures, "tested": len(test), **training,
        "largestDifference": float(np.abs(bare - maps).max()), "torch": torch.__version__, **measure(test, maps)})
    (options.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    write_card(file, options.seed, results)
    write_test(test, options.out / "test")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
