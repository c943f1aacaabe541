"""Writes forecast_reference.json: what statsmodels and pymannkendall say of seeded series. Run by hand, its output is
committed: python3 -m venv v && v/bin/pip install scipy statsmodels pymannkendall && v/bin/python forecast_reference.py"""
import importlib.metadata
import json
import pathlib

import numpy
import pymannkendall
from scipy import optimize, stats
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter
from statsmodels.tsa.statespace.structural import UnobservedComponents

random = numpy.random.default_rng(20261125)


def autoregression(n, phi):
    values = [random.normal()]
    for _ in range(n - 1):
        values.append(phi * values[-1] + numpy.sqrt(1 - phi * phi) * random.normal())
    return numpy.array(values)


def serial(kind, n):
    x = numpy.arange(1, n + 1, dtype=float)
    values = {
        "independent": lambda: 3 + 0.05 * x + random.normal(size=n), "correlated": lambda: autoregression(n, 0.7),
        "correlated, rising": lambda: 0.05 * x + autoregression(n, 0.6),
        "alternating": lambda: autoregression(n, -0.5), "ties": lambda: numpy.round(0.06 * x + autoregression(n, 0.6)),
    }[kind]()
    rows = []
    for lags in (None, 3):
        with numpy.errstate(invalid="ignore"):
            test = pymannkendall.hamed_rao_modification_test(values, lag=lags)
        z = float(test.z)
        known = numpy.isfinite(z)
        rows.append({
            "lags": lags, "var": float(test.var_s), "z": z if known else None,
            "p": float(2 * stats.norm.sf(abs(z))) if known else None,
        })
    return {"kind": kind, "values": values.tolist(), "s": float(test.s), "tests": rows}


def matrices(step, variances):
    """Of the local linear trend in continuous time: transition and noise over a step (Durbin and Koopman, chapter 3)."""
    _, level, slope = variances
    return numpy.array([[1, step], [0, 1]]), numpy.array([
        [level * step + slope * step**3 / 3, slope * step**2 / 2], [slope * step**2 / 2, slope * step]])


def even(values, variances):
    model = UnobservedComponents(values, "lltrend")
    model.update([variances[0], variances[1], variances[2]])
    model.ssm["state_cov"] = matrices(1.0, variances)[1]
    model.ssm.initialize_diffuse()
    return model.ssm.filter()


def uneven(times, values, variances):
    n = len(values)
    model = KalmanFilter(k_endog=1, k_states=2, k_posdef=2, nobs=n)
    model.bind(numpy.asfortranarray(values.reshape(1, n)))
    model["design"] = numpy.array([[1.0, 0.0]])
    model["obs_cov"] = numpy.array([[variances[0]]])
    model["selection"] = numpy.eye(2)
    steps = [matrices(d, variances) for d in numpy.append(numpy.diff(times), 1.0)]
    model["transition"] = numpy.stack([a for a, _ in steps], axis=-1)
    model["state_cov"] = numpy.stack([q for _, q in steps], axis=-1)
    model.initialize_diffuse()
    return model.filter()


def local(kind, n, variances):
    gaps = numpy.ones(n) if kind == "even" else random.uniform(0.2, 3.0, size=n)
    times = numpy.cumsum(gaps)
    level, slope, values = 5.0, 0.1, []
    for gap in gaps:
        transition, noise = matrices(gap, variances)
        level, slope = transition @ [level, slope] + random.multivariate_normal([0, 0], noise)
        values.append(level + numpy.sqrt(variances[0]) * random.normal())
    values = numpy.array(values)
    result = even(values, variances) if kind == "even" else uneven(times, values, variances)
    state, cov = result.filtered_state[:, -1], result.filtered_state_cov[:, :, -1]
    ahead = []
    for step in (1.0, 4.5, 30.0):
        transition, noise = matrices(step, variances)
        later = transition @ cov @ transition.T + noise
        ahead.append({
            "step": step, "mean": float((transition @ state)[0]), "level": float(later[0, 0]),
            "value": float(later[0, 0] + variances[0])})
    if kind == "even":  # the last forecast of the library itself, one step ahead
        assert abs(result.predicted_state_cov[0, 0, -1] - ahead[0]["level"]) < 1e-9 * ahead[0]["level"]

    def miss(logs):
        v = numpy.exp(numpy.clip(logs, -40, 40))
        run = even(values, v) if kind == "even" else uneven(times, values, v)
        return -float(run.llf_obs[2:].sum())

    start = numpy.log(numpy.maximum(variances, 1e-6))
    best = min(
        optimize.minimize(miss, start + shift, method="Nelder-Mead", options={"maxiter": 600}).fun
        for shift in (0, [0, -8, 0], [0, 0, -8]))
    return {
        "kind": kind, "times": times.tolist(), "values": values.tolist(), "variances": list(variances),
        "level": float(state[0]), "slope": float(state[1]), "levelVariance": float(cov[0, 0]),
        "slopeVariance": float(cov[1, 1]), "covariance": float(cov[0, 1]),
        "logLikelihood": float(result.llf_obs[2:].sum()), "best": -best, "ahead": ahead,
    }


kinds = ["independent", "correlated", "correlated, rising", "alternating", "ties"]
result = {
    "versions": {
        name: importlib.metadata.version(name) for name in ("numpy", "scipy", "statsmodels", "pymannkendall")},
    "serial": [serial(kind, n) for kind in kinds for n in (12, 40, 100)],
    "local": [
        local(kind, n, variances) for kind in ("even", "uneven") for n in (9, 40, 100)
        for variances in ((1.0, 0.2, 0.01), (0.5, 0.0, 0.002), (1.0, 0.5, 0.0))],
}
pathlib.Path(__file__).with_name("forecast_reference.json").write_text(json.dumps(result, indent=0) + "\n")
