"""What a probability is worth: calibration and the figures of a test."""
import numpy as np


def logit(probability):
    inside = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.log(inside / (1 - inside))


def calibrated(probability, a, b):
    return 1 / (1 + np.exp(-(a * logit(probability) + b)))


def fit_platt(probability, positive):
    """a and b of sigmoid(a * logit + b) by Newton's method, with Platt's targets.

    Platt 1999; Lin, Lin and Weng 2007.
    """
    x = np.stack([logit(probability), np.ones(len(probability))], axis=1)
    many, few = positive.sum(), (~positive).sum()
    target = np.where(positive, (many + 1) / (many + 2), 1 / (few + 2))
    weights = np.array([1.0, 0.0])

    def loss(weights):
        z = x @ weights
        return np.sum(np.logaddexp(0, z) - target * z)

    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (p - target)
        step = np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + 1e-12 * np.eye(2), gradient)
        size = 1.0
        while loss(weights - size * step) > loss(weights) and size > 1e-10:
            size /= 2
        weights = weights - size * step
        if np.abs(gradient).max() < 1e-8:
            break
    return float(weights[0]), float(weights[1])


def expected_error(probability, positive, bins=15):
    """Expected calibration error over bins of equal width (Guo et al. 2017)."""
    places = np.minimum((probability * bins).astype(int), bins - 1)
    return float(sum(abs(probability[places == bin].sum() - positive[places == bin].sum())
                     for bin in range(bins)) / len(probability))


def area_under_curve(probability, positive):
    """Of the ROC curve: how often a defective cell stands above a good one, a tie counted half."""
    _, place, count = np.unique(probability, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    many, few = positive.sum(), (~positive).sum()
    return float((rank[positive].sum() - many * (many + 1) / 2) / (many * few))


def interval(share, count):
    """Wilson's 95 % interval of a share."""
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return [float(middle - half), float(middle + half)]


def accuracy(probability, positive):
    share = float(np.mean((probability > 0.5) == positive))
    return {"accuracy": share, "interval95": interval(share, len(positive)), "n": len(positive)}


def threshold_row(probability, positive, threshold):
    said = probability >= threshold
    return {
        "threshold": threshold,
        "precision": float(np.mean(positive[said])) if said.any() else None,
        "recall": float(np.mean(said[positive])),
        "falseAlarms": float(np.mean(said[~positive])),
    }
