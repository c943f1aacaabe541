"""Figures of Pillow, scikit-learn and SciPy that the tests compare with; prints reference.json.

    pip install numpy pillow==12.0.0 scikit-learn scipy
    python reference.py > reference.json

Pillow 13 resizes some tall pictures down first and then across; their samples then differ by one step here and there.
"""

import base64
import json

import numpy as np
import PIL
import scipy
import sklearn
from PIL import Image
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit, softmax
from sklearn.calibration import _SigmoidCalibration, calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss

random = np.random.default_rng(20260101)


def text(samples):
    return base64.b64encode(np.asarray(samples, dtype=np.uint8).tobytes()).decode()


def picture(width, height, mode, noisy):
    channels = 3 if mode == "RGB" else 1
    if noisy:
        samples = random.integers(0, 256, (height, width, channels))
    else:
        y, x = np.mgrid[0:height, 0:width]
        samples = np.stack(
            [127 + 120 * np.sin(x / (3 + c)) * np.cos(y / (5 - c)) for c in range(channels)], axis=2
        ).round()
    samples = samples.astype(np.uint8)
    return Image.fromarray(samples if channels == 3 else samples[:, :, 0], mode)


def resize_cases():
    cases = []
    for width, height, target_width, target_height, source, target, noisy, resize in [
        (64, 48, 32, 32, "RGB", "RGB", True, "stretch"),
        (64, 48, 20, 15, "RGB", "RGB", True, "stretch"),
        (33, 17, 64, 64, "RGB", "RGB", False, "stretch"),
        (40, 30, 40, 30, "RGB", "RGB", True, "stretch"),
        (61, 47, 13, 29, "RGB", "RGB", True, "stretch"),
        (1, 1, 8, 8, "RGB", "RGB", True, "stretch"),
        (2, 45, 16, 7, "RGB", "RGB", True, "stretch"),
        (64, 48, 1, 1, "RGB", "RGB", True, "stretch"),
        (64, 48, 32, 32, "L", "L", True, "stretch"),
        (57, 31, 28, 28, "L", "L", False, "stretch"),
        (30, 30, 224 // 4, 224 // 4, "L", "RGB", True, "stretch"),
        (64, 48, 24, 24, "RGB", "L", True, "stretch"),
        (63, 1, 5, 3, "RGB", "L", True, "stretch"),
        (64, 48, 32, 32, "RGB", "RGB", True, "centreCrop"),
        (31, 47, 20, 14, "RGB", "RGB", True, "centreCrop"),
        (45, 45, 17, 30, "L", "L", True, "centreCrop"),
        (64, 36, 32, 32, "RGB", "RGB", True, "letterbox"),
        (19, 53, 40, 40, "L", "L", True, "letterbox"),
        (64, 41, 24, 28, "RGB", "L", True, "letterbox"),
    ]:
        frame = picture(width, height, source, noisy)
        made = frame.convert(target)
        if resize == "stretch":
            made = made.resize((target_width, target_height), Image.BILINEAR)
        elif resize == "centreCrop":
            ratio = max(target_width / width, target_height / height)
            left = (width - target_width / ratio) / 2
            top = (height - target_height / ratio) / 2
            box = (left, top, min(left + target_width / ratio, width), min(top + target_height / ratio, height))
            made = made.resize((target_width, target_height), Image.BILINEAR, box=box)
        else:
            ratio = min(target_width / width, target_height / height)
            inner = made.resize((round(width * ratio), round(height * ratio)), Image.BILINEAR)
            made = Image.new(target, (target_width, target_height), 114 if target == "L" else (114, 114, 114))
            made.paste(inner, ((target_width - inner.width) // 2, (target_height - inner.height) // 2))
        cases.append(
            {
                "source": {"width": width, "height": height, "rgb": source == "RGB", "samples": text(frame)},
                "target": {"width": target_width, "height": target_height, "rgb": target == "RGB", "samples": text(made)},
                "resize": resize,
            }
        )
    return cases


def calibration_cases():
    cases = []
    for count, gain, shift, digits in [(400, 2.5, 0.4, 6), (150, 0.6, -0.8, 2), (60, 1.0, 0.0, 1)]:
        true = random.normal(0, 1.6, count)
        labels = random.random(count) < expit(true)
        scores = np.clip(np.round(expit(gain * true + shift), digits), 0, 1)
        logits = logit(np.clip(scores, 1e-12, 1 - 1e-12))
        temperature = minimize_scalar(
            lambda t: np.sum(np.logaddexp(0, np.where(labels, -logits, logits) / np.exp(t))),
            bounds=(np.log(0.05), np.log(20)),
            method="bounded",
            options={"xatol": 1e-10},
        )
        platt = _SigmoidCalibration().fit(logits, labels)
        isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, labels)
        grid = np.linspace(0, 1, 41)
        fraction, mean = calibration_curve(labels, scores, n_bins=15, strategy="uniform")
        bins = np.searchsorted(np.linspace(0, 1, 16)[1:-1], scores)
        counts = np.bincount(bins, minlength=15)
        cases.append(
            {
                "scores": scores.tolist(),
                "labels": labels.tolist(),
                "temperature": float(np.exp(temperature.x)),
                # scikit-learn has the other sign: 1 / (1 + exp(a x + b)).
                "platt": [-float(platt.a_), -float(platt.b_)],
                "grid": grid.tolist(),
                "isotonic": isotonic.predict(grid).tolist(),
                "error": float(np.sum(np.abs(fraction - mean) * counts[counts > 0]) / count),
                "brier": float(brier_score_loss(labels, scores)),
            }
        )
    return cases


def softmax_case():
    logits = random.normal(0, 4, (6, 5)).astype(np.float32)
    return {"logits": logits.tolist(), "probabilities": softmax(logits.astype(np.float64), axis=1).tolist()}


versions = {"numpy": np.__version__, "pillow": PIL.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__}
print(
    json.dumps(
        {
            "versions": versions,
            "resize": resize_cases(),
            "calibration": calibration_cases(),
            "softmax": softmax_case(),
        }
    )
)
