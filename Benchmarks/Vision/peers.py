"""The same models in the engine's own Python binding: bare inference, and the whole way from a JPEG file.

    peers.py FOLDER MODEL THREADS SECONDS     MODEL is classifier or detector

Prints one line of JSON with medians and 99th percentiles in milliseconds.
"""
import io
import json
import pathlib
import sys
import time

import numpy as np
import onnxruntime
from PIL import Image


def spread(times):
    ordered = np.sort(np.array(times)) * 1000
    return {"p50": round(float(np.percentile(ordered, 50)), 3), "p99": round(float(np.percentile(ordered, 99)), 3),
            "count": len(times)}


def prepared(data, side, letterbox):
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    if letterbox:
        scale = min(side / picture.width, side / picture.height)
        width, height = round(picture.width * scale), round(picture.height * scale)
        canvas = Image.new("RGB", (side, side), (114, 114, 114))
        canvas.paste(picture.resize((width, height), Image.BILINEAR), ((side - width) // 2, (side - height) // 2))
        picture = canvas
    else:
        picture = picture.resize((side, side), Image.BILINEAR)
    return np.ascontiguousarray(np.asarray(picture, np.float32).transpose(2, 0, 1)[None] / 255)


def best(output):
    """The same amount of work as a caller must do: classes, or boxes through non-maximum suppression."""
    if output.ndim == 2:
        return output[0].argmax()
    boxes, scores = output[0, :4].T, output[0, 4:].T
    kept, order = [], np.argsort(-scores.max(1))
    order = order[scores.max(1)[order] > 0.5][:1000]
    corners = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)
    while len(order):
        first, rest = order[0], order[1:]
        kept.append(first)
        low = np.maximum(corners[first, :2], corners[rest, :2])
        high = np.minimum(corners[first, 2:], corners[rest, 2:])
        inside = np.clip(high - low, 0, None).prod(1)
        union = boxes[first, 2:].prod() + boxes[rest, 2:].prod(1) - inside
        order = rest[inside / union < 0.45]
    return kept


def main(folder, name, threads, seconds):
    folder = pathlib.Path(folder)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    session = onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"])
    side = 224 if name == "classifier" else 640
    files = [path.read_bytes() for path in sorted((folder / "frames").iterdir())]
    tensor = prepared(files[0], side, name == "detector")
    for _ in range(5):
        session.run(None, {"image": tensor})
    bare, whole, end = [], [], time.monotonic() + float(seconds)
    index = 0
    while time.monotonic() < end:
        start = time.perf_counter()
        session.run(None, {"image": tensor})
        bare.append(time.perf_counter() - start)
        start = time.perf_counter()
        best(session.run(None, {"image": prepared(files[index % len(files)], side, name == "detector")})[0])
        whole.append(time.perf_counter() - start)
        index += 1
    print(json.dumps({"bare": spread(bare), "whole": spread(whole)}))


main(*sys.argv[1:])
