"""Writes anomaly_reference.json: what NumPy and SciPy say of seeded features, written by the formulas of the paper and with
other routines than the product's (numpy.cov, scipy.spatial.distance.mahalanobis, gaussian_filter, beta.ppf). Run by hand,
its output is committed: python3 -m venv v && v/bin/pip install numpy scipy && v/bin/python anomaly_reference.py"""
import json
import pathlib

import numpy
import scipy
from scipy import ndimage, stats
from scipy.spatial import distance

random = numpy.random.default_rng(20261129)


def rounded(values):
    return [float(f"{v:.9g}") for v in numpy.asarray(values).ravel()]


def padim(rows, columns, depth, pictures, regularisation, sigma):
    mixing = random.normal(size=(rows * columns, depth, depth))
    offset = random.normal(size=(rows * columns, depth)) * 3
    good = (offset + numpy.einsum("npd,pde->npe",
                                  random.normal(size=(pictures, rows * columns, depth)), mixing)).astype(numpy.float32)
    asked = (offset + 4 * random.normal(size=(rows * columns, depth))).astype(numpy.float32)
    covariances = numpy.stack([numpy.cov(good[:, p].astype(float), rowvar=False) for p in range(rows * columns)])
    ridge = numpy.diag(regularisation * covariances.diagonal(axis1=1, axis2=2).mean(axis=0))
    distances = numpy.array([
        distance.mahalanobis(asked[p].astype(float), good[:, p].astype(float).mean(axis=0),
                             numpy.linalg.inv(covariances[p] + ridge)) for p in range(rows * columns)])
    # SciPy's own border rule differs: the weights that fall outside are taken out by hand.
    grid = distances.reshape(rows, columns)
    weights = ndimage.gaussian_filter(numpy.ones_like(grid), sigma, mode="constant", truncate=4)
    smooth = ndimage.gaussian_filter(grid, sigma, mode="constant", truncate=4) / weights
    return {"rows": rows, "columns": columns, "depth": depth, "regularisation": regularisation, "sigma": sigma,
            "good": [rounded(g) for g in good], "asked": rounded(asked), "distances": rounded(distances),
            "smooth": rounded(smooth)}


matrix = random.normal(size=(6, 6))
matrix = matrix @ matrix.T + numpy.eye(6)
cholesky = numpy.linalg.inv(numpy.linalg.cholesky(matrix))
lower = numpy.tril_indices(6)
bounds = [{"hits": h, "trials": n, "confidence": c, "bound": float(stats.beta.ppf(c, h + 1, n - h))}
          for n in (4, 50, 299, 500) for h in (0, 1, 3, 20) if h < n for c in (0.5, 0.9, 0.95, 0.99)]
result = {
    "versions": {"numpy": numpy.__version__, "scipy": scipy.__version__},
    "matrix": rounded(matrix[lower]), "inverseCholesky": rounded(cholesky[lower]), "bounds": bounds,
    "padim": [padim(3, 4, 5, 24, 0.01, 1.0), padim(2, 2, 12, 10, 0.05, 0.75)],
}
path = pathlib.Path(__file__).with_name("anomaly_reference.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
