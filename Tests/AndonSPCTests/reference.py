"""Writes reference.json: what SciPy, statsmodels and pymannkendall say of seeded series. Run by hand, its output is
committed: python3 -m venv v && v/bin/pip install scipy statsmodels pymannkendall && v/bin/python reference.py"""
import json
import pathlib

import numpy
import pymannkendall
import scipy
import statsmodels
import statsmodels.api
from scipy import stats
from statsmodels.tsa.holtwinters import Holt

random = numpy.random.default_rng(20261124)


def series(kind, n):
    x = numpy.arange(n, dtype=float)
    noise = random.normal(size=n)
    values = {
        "line": 3 + 0.2 * x + noise * 0.3, "flat": 5 + noise, "falling": 9 - 0.1 * x + noise * 0.5,
        "exponential": numpy.exp(0.08 * x) + noise * 0.2, "ties": numpy.round(2 + 0.15 * x + noise),
        "step": numpy.where(x < n / 2, 1.0, 4.0) + noise * 0.2,
    }[kind]
    gaps = numpy.cumsum(random.uniform(0.2, 2.0, size=n))
    return gaps, values


def trend(kind, n):
    times, values = series(kind, n)
    test = pymannkendall.original_test(values)
    slope = stats.theilslopes(values, times, 0.95)
    model = statsmodels.api.OLS(values, statsmodels.api.add_constant(times)).fit()
    at = float(times[-1] + 5)
    frame = model.get_prediction([[1.0, at]]).summary_frame(alpha=0.05)
    holt = Holt(values, initialization_method="known", initial_level=values[0], initial_trend=0.1)
    fit = holt.fit(smoothing_level=0.3, smoothing_trend=0.1, optimized=False)
    return {
        "kind": kind, "times": times.tolist(), "values": values.tolist(), "s": float(test.s), "var": float(test.var_s),
        "z": float(test.z), "p": float(2 * stats.norm.sf(abs(test.z))), "slope": float(slope[0]),
        "slopeLower": float(slope[2]), "slopeUpper": float(slope[3]), "intercept": float(model.params[0]),
        "line": float(model.params[1]), "at": at, "upper": float(frame["obs_ci_upper"].iloc[0]),
        "lower": float(frame["obs_ci_lower"].iloc[0]), "holt": fit.forecast(3).tolist(),
    }


quantiles = []
for p in [1e-9, 0.00135, 0.025, 0.3, 0.5, 0.9, 0.975, 0.9999]:
    for degrees in [1, 2, 3.5, 14, 100, 1000]:
        quantiles.append({
            "p": p, "degrees": degrees, "normal": float(stats.norm.ppf(p)), "t": float(stats.t.ppf(p, degrees)),
            "chi2": float(stats.chi2.ppf(p, degrees)),
        })

kinds = ["line", "flat", "falling", "exponential", "ties", "step"]
result = {
    "versions": {
        "numpy": numpy.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__,
        "pymannkendall": "1.4.3",
    },
    "quantiles": quantiles, "trends": [trend(kind, n) for kind in kinds for n in (8, 31, 60)],
}
pathlib.Path(__file__).with_name("reference.json").write_text(json.dumps(result, indent=0) + "\n")
