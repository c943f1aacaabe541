"""Writes life_reference.json: what lifelines, SciPy, statsmodels and reliability say of seeded lives, counts and
samples, with censoring, heavy ties and few lives. Where none of them has the number (restricted means, Kolmogorov and
Smirnov's p of tied values, Weibull's information to all digits) it is worked out here another way than in the library.
Run by hand, its output is committed: python3 -m venv v
v/bin/pip install numpy scipy statsmodels lifelines reliability mpmath && v/bin/python life_reference.py
"""
import contextlib
import io
import itertools
import json
import pathlib
import warnings

import lifelines
import mpmath
import numpy
import scipy
import statsmodels
from lifelines.statistics import logrank_test, multivariate_logrank_test
from lifelines.utils import median_survival_times, restricted_mean_survival_time
from reliability.Fitters import Fit_Weibull_2P
from scipy import stats
from statsmodels.duration.survfunc import survdiff
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

warnings.filterwarnings("ignore")
random = numpy.random.default_rng(20261128)
mpmath.mp.dps = 40


def lives(kind, n, scale):
    """Times and whether the event came: by a Weibull law, cut off by another."""
    times = scale * random.weibull(1.4, n)
    ends = scale * random.weibull(1.0, n) * {"few": 0.7, "tied": 2.0, "free": 1e9}.get(kind, 2.0)
    events = (times <= ends).astype(int)
    times = numpy.minimum(times, ends)
    times = numpy.ceil(times / scale * 4) if kind == "tied" else numpy.round(times, 3) + 0.001
    if events.sum() < 2:
        events[:2] = 1
    return times, events


def expected(times, events, groups, size):
    observed, shares = numpy.zeros(size), numpy.zeros(size)
    for time in numpy.unique(times[events == 1]):
        here = (times == time) & (events == 1)
        at_risk = numpy.array([((times >= time) & (groups == g)).sum() for g in range(size)])
        observed += [(here & (groups == g)).sum() for g in range(size)]
        shares += here.sum() * at_risk / at_risk.sum()
    return observed, shares


def log_rank(kind, sizes, strata):
    parts = [lives(kind, n, 10 * (1 + 0.5 * g)) for g, n in enumerate(sizes)]
    times = numpy.concatenate([p[0] for p in parts])
    events = numpy.concatenate([p[1] for p in parts])
    groups = numpy.concatenate([numpy.full(n, g) for g, n in enumerate(sizes)])
    layer = random.integers(0, strata, len(times))
    sums = [expected(times[layer == s], events[layer == s], groups[layer == s], len(sizes)) for s in range(strata)]
    if strata == 1:
        test = multivariate_logrank_test(times, groups, events)
        chi, p = float(test.test_statistic), float(test.p_value)
        if len(sizes) == 2:
            pair = logrank_test(parts[0][0], parts[1][0], parts[0][1], parts[1][1])
            assert numpy.isclose(pair.test_statistic, chi, rtol=1e-9) and numpy.isclose(pair.p_value, p, rtol=1e-9)
    else:
        chi, p = map(float, survdiff(times, events, groups, strata=layer))
    return {
        "kind": kind, "strata": strata, "sizes": list(sizes), "times": times.tolist(), "events": events.tolist(),
        "layer": layer.tolist(), "observed": sum(s[0] for s in sums).tolist(),
        "expected": sum(s[1] for s in sums).tolist(), "chiSquared": chi, "p": p,
    }


def restricted(times, events, to):
    """Greenwood's variance of the area, from the survival function as a product over single lives' times."""
    knots = numpy.concatenate([[0.0], numpy.unique(times[events == 1]), [to]])
    knots = knots[knots <= to]
    survival = lambda t: numpy.prod([
        1 - ((times == u) & (events == 1)).sum() / (times >= u).sum()
        for u in numpy.unique(times[events == 1]) if u <= t])
    areas = [(b - a) * survival(a) for a, b in zip(knots, knots[1:])]
    variance = 0.0
    for time in numpy.unique(times[(events == 1) & (times < to)]):
        n, d = (times >= time).sum(), ((times == time) & (events == 1)).sum()
        right = sum(area for area, a in zip(areas, knots) if a >= time)
        if n > d:
            variance += right * right * d / (n * (n - d))
    return float(sum(areas)), float(variance)


def finite(x):
    return float(x) if numpy.isfinite(x) else None


def curve(kind, n, confidence):
    times, events = lives(kind, n, 10)
    fit = lifelines.KaplanMeierFitter(alpha=1 - confidence).fit(times, events)
    at = numpy.unique(times[events == 1])
    band = fit.confidence_interval_
    bounds = median_survival_times(band)
    ends_at_zero = bool(fit.survival_function_.iloc[-1, 0] == 0)
    to = float(numpy.round(0.8 * times.max(), 3))
    other = lives(kind, n + 3, 14)
    common = float(min(to, numpy.round(0.8 * other[0].max(), 3)))
    mean, variance = restricted(times, events, to)
    (a, va), (b, vb) = restricted(times, events, common), restricted(*other, common)
    assert numpy.isclose(mean, restricted_mean_survival_time(fit, t=to), rtol=1e-9)
    width = stats.norm.ppf(0.5 + confidence / 2) * numpy.sqrt(va / a**2 + vb / b**2)
    # lifelines misses a survival of just one half by its last bit, and takes the time after.
    survival = fit.survival_function_.iloc[:, 0]
    median = survival.index[survival <= 0.5 + 1e-12]
    upper = float(bounds.iloc[0, 1])
    # lifelines takes the upper bound of a curve that is at 0 for 0, where its formula has no value.
    if ends_at_zero and upper == times.max() and (band.iloc[:-1, 1] > 0.5).all():
        upper = numpy.inf
    return {
        "kind": kind, "confidence": confidence, "times": times.tolist(), "events": events.tolist(),
        "steps": [[float(t), float(fit.survival_function_.loc[t].iloc[0]), *map(float, band.loc[t])] for t in at],
        "median": float(median[0]) if len(median) else None, "medianLower": finite(bounds.iloc[0, 0]),
        "medianUpper": finite(upper),
        "to": to, "mean": mean, "variance": variance, "otherTimes": other[0].tolist(), "otherEvents": other[1].tolist(),
        "common": common, "ratio": a / b, "ratioLower": a / b * numpy.exp(-width),
        "ratioUpper": a / b * numpy.exp(width),
    }


def weibull(kind, n, confidence):
    times, events = lives(kind, n, 10)
    if len(set(times[events == 1])) < 2:
        times[:2], events[:2] = [1.0, 3.0], [1, 1]
    logs, failures = [mpmath.log(t) for t in times], int(events.sum())

    def likelihood(a, b):
        """Of log shape and log scale."""
        shape = mpmath.exp(a)
        return sum(
            (a - log + shape * (log - b) if e else 0) - mpmath.exp(shape * (log - b)) for log, e in zip(logs, events))

    mean = sum(log for log, e in zip(logs, events) if e) / failures
    score = lambda s: sum(mpmath.exp(s * x) * x for x in logs) / sum(mpmath.exp(s * x) for x in logs) - 1 / s - mean
    near = lifelines.WeibullFitter().fit(times, events)
    shape = mpmath.findroot(score, near.rho_)
    scale = (sum(mpmath.exp(shape * x) for x in logs) / failures) ** (1 / shape)
    at = (mpmath.log(shape), mpmath.log(scale))
    information = -mpmath.matrix([
        [mpmath.diff(likelihood, at, (2, 0)), mpmath.diff(likelihood, at, (1, 1))],
        [mpmath.diff(likelihood, at, (1, 1)), mpmath.diff(likelihood, at, (0, 2))]])
    variance = information**-1
    z = stats.norm.ppf(0.5 + confidence / 2)

    def interval(value, log_variance):
        width = mpmath.exp(z * mpmath.sqrt(log_variance))
        return [float(value), float(value / width), float(value * width)]

    # The variance matrices of the two programs, which stop their search short of the maximum.
    peer = near.variance_matrix_.loc[["rho_", "lambda_"], ["rho_", "lambda_"]].to_numpy() / numpy.outer(
        [near.rho_, near.lambda_], [near.rho_, near.lambda_])
    with contextlib.redirect_stdout(io.StringIO()):
        other = Fit_Weibull_2P(
            failures=list(times[events == 1]), right_censored=list(times[events == 0]) or None, CI=confidence,
            show_probability_plot=False, print_results=False)
    own = [*interval(shape, variance[0, 0]), *interval(scale, variance[1, 1])]
    theirs = [other.beta, other.beta_lower, other.beta_upper, other.alpha, other.alpha_lower, other.alpha_upper]
    worst["lifelines Weibull log variances"].append(max(
        abs(float(variance[i, j]) - peer[i, j]) / abs(peer[i, i] * peer[j, j]) ** 0.5 for i in (0, 1) for j in (0, 1)))
    worst["reliability Weibull intervals"].append(max(abs(a / b - 1) for a, b in zip(own, theirs)))
    quantiles = []
    for p in (0.1, 0.5, 0.9):
        log_quantile = lambda a, b: b + mpmath.log(-mpmath.log(1 - mpmath.mpf(p))) / mpmath.exp(a)
        slope = mpmath.matrix([mpmath.diff(log_quantile, at, (1, 0)), mpmath.diff(log_quantile, at, (0, 1))])
        quantiles.append([p, *interval(mpmath.exp(log_quantile(*at)), (slope.T * variance * slope)[0])])
    return {
        "kind": kind, "confidence": confidence, "times": times.tolist(), "events": events.tolist(), "shape": own[:3],
        "scale": own[3:], "shapeVariance": float(variance[0, 0]), "scaleVariance": float(variance[1, 1]),
        "covariance": float(variance[0, 1]), "quantiles": quantiles,
    }


def growth(n, by_failure, confidence):
    times = numpy.sort(numpy.round(1000 * random.uniform(size=n) ** 1.3, 3) + 0.001)
    end = times[-1] if by_failure else 1001.0
    beta = n / numpy.log(end / times).sum()
    degrees = 2 * (n - 1) if by_failure else 2 * n
    tail = (1 - confidence) / 2
    return {
        "times": times.tolist(), "end": None if by_failure else end, "confidence": confidence, "beta": float(beta),
        "lower": float(beta * stats.chi2.ppf(tail, degrees) / (2 * n)),
        "upper": float(beta * stats.chi2.ppf(1 - tail, degrees) / (2 * n)),
    }


def distance(a, b):
    """Times the sizes of both, a whole number."""
    return max(abs((a <= x).sum() * len(b) - (b <= x).sum() * len(a)) for x in (*a, *b))


def dealt(a, b):
    """The share of all ways to deal the values out that are as far apart; None where they are too many."""
    values, n = numpy.concatenate([a, b]), len(a)
    if scipy.special.comb(len(values), n) > 1000:
        return None
    apart, ways = distance(a, b), list(itertools.combinations(range(len(values)), n))
    return sum(distance(values[list(own)], numpy.delete(values, list(own))) >= apart for own in ways) / len(ways)


def samples(kind, n, m):
    a, b = random.beta(8, 2, n), random.beta(8, 2 + (0 if kind == "same" else 1.2), m)
    digits = 1 if kind == "tied" else 8
    a, b = numpy.round(a, digits), numpy.round(b, digits)
    ks, rank = stats.ks_2samp(a, b, method="exact"), stats.mannwhitneyu(a, b, method="asymptotic")
    is_tied = len(set(a) | set(b)) < n + m
    return {
        "kind": kind, "a": a.tolist(), "b": b.tolist(), "distance": float(ks.statistic),
        "exactP": dealt(a, b) if is_tied else float(ks.pvalue),
        "limitP": float(stats.kstwobign.sf(numpy.sqrt(n * m / (n + m)) * ks.statistic)),
        "u": float(rank.statistic), "rankP": float(rank.pvalue),
    }


worst = {"lifelines Weibull log variances": [], "reliability Weibull intervals": []}
counts = [(0, 1), (1, 1), (0, 12), (3, 12), (12, 12), (1, 1000), (37, 210), (999_999, 1_000_000)]
shares = []
for confidence in (0.8, 0.95, 0.99):
    for i, (hits, trials) in enumerate(counts):
        other = counts[(i + 3) % len(counts)]
        lower, upper = proportion_confint(hits, trials, 1 - confidence, "wilson")
        low, high = confint_proportions_2indep(hits, trials, *other, method="newcomb", alpha=1 - confidence)
        shares.append({
            "hits": hits, "trials": trials, "otherHits": other[0], "otherTrials": other[1], "confidence": confidence,
            "lower": float(lower), "upper": float(upper), "differenceLower": float(low), "differenceUpper": float(high),
        })
holm = [{"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()} for p in (
    [0.03], [0.01, 0.04, 0.03, 0.005], [0.2, 0.2, 0.2], [1.0, 0.0, 1e-12, 0.5, 0.5],
    numpy.round(random.uniform(size=12) ** 3, 6).tolist())]
tails = [
    {"x": x, "degrees": k, "p": float(stats.chi2.sf(x, k))}
    for k in (1, 2, 3, 7, 40) for x in (0.001, 0.9, 4, 30, 300, 1300)]
kinds = ["free", "few", "tied"]
result = {
    "versions": {
        "numpy": numpy.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__,
        "lifelines": lifelines.__version__,
    },
    "logRanks": [
        log_rank(kind, sizes, strata) for kind in kinds for strata in (1, 3)
        for sizes in ((3, 3), (4, 5, 6), (40, 25), (30, 12, 50), (20, 20, 15, 25, 9))
        if strata == 1 or min(sizes) > 8
    ] + [log_rank("free", (400, 300), 1)],
    "curves": [curve(kind, n, c) for kind in kinds for n, c in ((3, 0.95), (6, 0.9), (25, 0.95), (60, 0.99))],
    "weibulls": [weibull(kind, n, c) for kind in kinds for n, c in ((4, 0.95), (15, 0.9), (80, 0.95))],
    "growths": [growth(n, by, c) for n in (2, 3, 10, 60) for by in (False, True) for c in (0.8, 0.95)],
    "samples": [
        samples(kind, n, m) for kind in ("same", "moved", "tied") for n, m in ((1, 4), (5, 6), (30, 40), (120, 250))
    ] + [samples("moved", 500, 600)],
    "shares": shares, "holm": holm, "tails": tails,
}
for name, deviations in worst.items():
    print(name, "at most", max(deviations), "off")
    assert max(deviations) < 1e-4
text = json.dumps(result, separators=(",", ":")).replace("},{", "},\n{")
pathlib.Path(__file__).with_name("life_reference.json").write_text(text + "\n")
