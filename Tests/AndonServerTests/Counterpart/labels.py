"""Reads archives of labels with pycocotools, Pillow and PyYAML: labels.py COCO.zip YOLO.zip

Prints one JSON object: the boxes of each picture by its SHA-256, in pixels, and what is wrong.
"""
import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile
import zipfile

import yaml
from PIL import Image
from pycocotools.coco import COCO

problems = []


def unpack(path):
    folder = tempfile.mkdtemp()
    with zipfile.ZipFile(path) as archive:
        if archive.testzip():
            problems.append(f"{path}: {archive.testzip()} is damaged")
        archive.extractall(folder)
    return folder


def size(folder, name):
    path = os.path.join(folder, "images", name)
    with open(path, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != name.split(".")[0]:
            problems.append(f"{name} has another SHA-256")
    with Image.open(path) as image:
        # As stored: Pillow does not turn by itself.
        return image.size, image.getexif().get(274, 1)


def coco(folder):
    with contextlib.redirect_stdout(io.StringIO()):
        data = COCO(os.path.join(folder, "annotations.json"))
    names = {c["id"]: c["name"] for c in data.loadCats(data.getCatIds())}
    found = {}
    for image in data.loadImgs(data.getImgIds()):
        stored, turn = size(folder, image["file_name"])
        if stored != (image["width"], image["height"]) or turn != image["orientation"]:
            problems.append(f"{image['file_name']} is {stored}, turned {turn}")
        boxes = []
        for note in data.loadAnns(data.getAnnIds(imgIds=image["id"])):
            covered = None
            if note["segmentation"]:
                mask = data.annToMask(note)
                if mask.shape != (image["height"], image["width"]):
                    problems.append(f"a mask of {image['file_name']} is {mask.shape}")
                covered = int(mask.sum())
            boxes.append([names[note["category_id"]], *note["bbox"], note["area"], covered, note["attributes"]])
        found[image["sha256"]] = boxes
    return found


def yolo(folder):
    with open(os.path.join(folder, "data.yaml")) as file:
        data = yaml.safe_load(file)
    found = {}
    for name in sorted(os.listdir(os.path.join(folder, data["train"]))):
        (width, height), _ = size(folder, name)
        boxes = []
        with open(os.path.join(folder, "labels", os.path.splitext(name)[0] + ".txt")) as file:
            for line in file:
                number, *shares = line.split()
                x, y, w, h = (float(share) for share in shares)
                boxes.append([data["names"][int(number)], (x - w / 2) * width, (y - h / 2) * height, w * width, h * height])
        found[name.split(".")[0]] = boxes
    return found


print(json.dumps({"coco": coco(unpack(sys.argv[1])), "yolo": yolo(unpack(sys.argv[2])), "problems": problems}))
