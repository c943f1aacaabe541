#!/usr/bin/env python3
"""Make the sample pictures of the Andon demo, and samples.json beside them.

How to run:

    pip install numpy pillow
    python3 make.py OUTDIR              # e.g. ../../Sources/AndonServer/Samples
    python3 make.py OUTDIR --boxes      # also OUTDIR/boxed-*.png, to check the boxes

Every picture is synthetic: height fields, normals, a few lamps and a simple
camera model, from fixed seeds, so the same versions of numpy and Pillow give
the same pictures each time. No photograph goes in. Each scene returns the mask
of the defect that it drew; the box in samples.json is the bounds of this mask
plus a margin.

Dedicated to the public domain under CC0 1.0 (see README.md).
"""
import json
import os
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFont

W, H = 1280, 960       # size of a picture
S = 2                  # scenes are drawn S times larger, then averaged down
MARGIN = 9             # pixels between a defect and its box
F = np.float32

# Centre of every sub-pixel, in pixels of the finished picture.
Y, X = np.mgrid[0:H * S, 0:W * S].astype(F)
X = (X + 0.5) / S
Y = (Y + 0.5) / S


# ------------------------------------------------------------------ helpers

def smooth(a, b, x):
    """0 below a, 1 above b, smooth between (also with a > b)."""
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def inside(d, soft=0.5):
    """Coverage of a signed distance (negative inside)."""
    return np.clip(0.5 - d / (2 * soft), 0, 1)


def lerp(a, b, t):
    return a + (b - a) * t


def paint(img, colour, m):
    """Lay a colour, or a whole picture, over img where m is 1."""
    return lerp(img, np.asarray(colour, F), m[..., None])


def gauss(a, sx, sy):
    """Gaussian blur that wraps around at the borders."""
    fy = np.fft.fftfreq(a.shape[0])[:, None].astype(F)
    fx = np.fft.rfftfreq(a.shape[1])[None, :].astype(F)
    g = np.exp(-2 * np.pi ** 2 * ((fx * sx * S) ** 2 + (fy * sy * S) ** 2))
    return np.fft.irfft2(np.fft.rfft2(a) * g, s=a.shape).astype(F)


def blur(a, sx, sy=None):
    """Gaussian blur, sigmas in pixels of the finished picture."""
    sy = sx if sy is None else sy
    if a.ndim == 3:
        return np.stack([blur(a[..., i], sx, sy) for i in range(3)], -1)
    p = 64                                   # 2688 x 2048: sizes that transform fast
    return gauss(np.pad(a, p, mode="edge"), sx, sy)[p:-p, p:-p]


def shift(a, dx, dy):
    """The picture moved by whole pixels; the border repeats."""
    dx, dy = dx * S, dy * S
    return np.pad(a, ((dy, 0), (dx, 0)), mode="edge")[:H * S, :W * S]


def noise(rng, sx, sy=None):
    """Gaussian noise of unit deviation, correlated over (sx, sy) pixels."""
    n = gauss(rng.standard_normal((H * S, W * S), dtype=F), sx, sx if sy is None else sy)
    return n / n.std()


def noise1(rng, n, sigma):
    """The same in one dimension."""
    f = np.fft.rfftfreq(n)
    a = np.fft.irfft(np.fft.rfft(rng.standard_normal(n))
                     * np.exp(-2 * (np.pi * f * sigma) ** 2), n=n)
    return (a / a.std()).astype(F)


def circle(cx, cy, r):
    return np.hypot(X - cx, Y - cy) - r


def box(x0, y0, x1, y1, r=0.0, px=None, py=None):
    """Signed distance to a rectangle with rounded corners."""
    px = X if px is None else px
    py = Y if py is None else py
    qx = np.abs(px - (x0 + x1) / 2) - ((x1 - x0) / 2 - r)
    qy = np.abs(py - (y0 + y1) / 2) - ((y1 - y0) / 2 - r)
    return (np.hypot(np.maximum(qx, 0), np.maximum(qy, 0))
            + np.minimum(np.maximum(qx, qy), 0) - r)


def capsule(x0, y0, x1, y1, r):
    dx, dy = x1 - x0, y1 - y0
    t = np.clip(((X - x0) * dx + (Y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
    return np.hypot(X - x0 - t * dx, Y - y0 - t * dy) - r


def melt(a, b, k):
    """Union of two signed distances with a fillet of about k pixels."""
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return lerp(b, a, h) - k * h * (1 - h)


def text(strings):
    """Mask of [(x, y, size, text), ...], x and y the middle of the text."""
    im = Image.new("L", (W * S, H * S), 0)
    d = ImageDraw.Draw(im)
    for x, y, size, s in strings:
        d.text((x * S, y * S), s, fill=255, anchor="mm",
               font=ImageFont.load_default(size * S))
    return np.asarray(im, F) / 255


def normals(h):
    """Unit normals of a height field given in pixels."""
    gy, gx = np.gradient(h.astype(F), F(1 / S))
    n = 1 / np.sqrt(gx * gx + gy * gy + 1)
    return -gx * n, -gy * n, n


def lamp(n, pos, shine):
    """Diffuse and specular parts of a small lamp at pos, camera straight above."""
    lx, ly, lz = pos[0] - X, pos[1] - Y, F(pos[2])
    q = 1 / np.sqrt(lx * lx + ly * ly + lz * lz)
    lx, ly, lz = lx * q, ly * q, lz * q
    diff = np.clip(n[0] * lx + n[1] * ly + n[2] * lz, 0, 1)
    hz = lz + 1
    q = 1 / np.sqrt(lx * lx + ly * ly + hz * hz)
    spec = np.clip((n[0] * lx + n[1] * ly + n[2] * hz) * q, 0, 1) ** shine
    return diff, spec


def mirror(n, tilt=0.0):
    """Direction in which the camera sees, reflected at the surface (x, y)."""
    return (2 * n[2] * n[0] + (X - W / 2) / W * tilt,
            2 * n[2] * n[1] + (Y - H / 2) / W * tilt)


def softbox(rx, ry, cx, cy, hx, hy, soft):
    """Light of a rectangular soft box, in the mirror's directions."""
    return (smooth(hx + soft, hx - soft, np.abs(rx - cx))
            * smooth(hy + soft, hy - soft, np.abs(ry - cy)))


def facets(rng, cx, cy, spread, count):
    """Height of a broken surface: random flat facets, cell by cell."""
    px = cx + rng.uniform(-1, 1, count) * spread[0]
    py = cy + rng.uniform(-1, 1, count) * spread[1]
    best = np.full(X.shape, 1e9, F)
    h = np.zeros_like(X)
    wx = X + 4 * noise(rng, 8)
    wy = Y + 4 * noise(rng, 8)
    for i in range(count):
        d = (wx - px[i]) ** 2 + (wy - py[i]) ** 2
        sx, sy = rng.normal(0, 0.42, 2)
        near = d < best
        h = np.where(near, (X - px[i]) * sx + (Y - py[i]) * sy + rng.normal(0, 0.7), h)
        best = np.minimum(best, d)
    return h


def camera(rng, img, vignette=0.28, grain=0.010, focus=0.55, tint=(1, 1, 1)):
    """Lens, vignetting, sensor noise and tone curve; gives an 8-bit picture."""
    img = np.clip(img, 0, 4)
    glow = blur(np.clip(img - 0.85, 0, 1), 14)
    img = blur(img, focus) + 0.35 * glow
    img = img.reshape(H, S, W, S, 3).mean((1, 3))
    yy, xx = np.mgrid[0:H, 0:W].astype(F)
    r2 = ((xx - W / 2) ** 2 + (yy - H / 2) ** 2) / (W * W / 4 + H * H / 4)
    img = img * (1 - vignette * r2)[..., None] * np.asarray(tint, F)
    level = np.sqrt(np.clip(img.mean(-1, keepdims=True), 0.02, 1))
    img = img + grain * level * (rng.standard_normal((H, W, 1)).astype(F)
                                 + 0.35 * rng.standard_normal((H, W, 3)).astype(F))
    img = np.where(img > 0.8, 0.8 + 0.2 * np.tanh((img - 0.8) / 0.2), img)
    return (np.clip(img, 0, 1) * 255 + 0.5).astype(np.uint8)


def grey(a, warm=0.0):
    return np.stack([a * (1 + warm), a, a * (1 - warm)], -1).astype(F)


def bounds(m):
    """The box of a defect's mask: its bounds and a margin, inside the picture."""
    m = m.reshape(H, S, W, S).mean((1, 3)) > 0.35
    xs, ys = np.flatnonzero(m.any(0)), np.flatnonzero(m.any(1))
    x0, x1 = max(int(xs[0]) - MARGIN, 0), min(int(xs[-1]) + 1 + MARGIN, W)
    y0, y1 = max(int(ys[0]) - MARGIN, 0), min(int(ys[-1]) + 1 + MARGIN, H)
    return {"x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0}


# ------------------------------------------------------------------- scenes
# Each scene gives (8-bit picture, mask of the defect or None, size in pixels).

def data_matrix(rng, x0, y0, cell, n=16):
    """Mask of something that looks like a laser-marked two-dimensional code."""
    bits = rng.integers(0, 2, (n, n)).astype(F)
    bits[:, 0] = 1
    bits[-1, :] = 1
    bits[0, :] = np.arange(n) % 2 == 0
    bits[:, -1] = np.arange(n) % 2 == 1
    i = np.floor((X - x0) / cell).astype(int)
    j = np.floor((Y - y0) / cell).astype(int)
    ok = (i >= 0) & (i < n) & (j >= 0) & (j < n)
    return np.where(ok, bits[np.clip(j, 0, n - 1), np.clip(i, 0, n - 1)], 0)


def plate(seed, marked, scratched):
    """Brushed steel plate in a dark nest; with or without a long scratch."""
    rng = np.random.default_rng(seed)
    rot = -0.008
    px = X + (Y - 480) * rot
    py = Y - (X - 640) * rot
    d = box(66, 58, 1216, 902, 30, px, py)
    streak = (0.50 * noise(rng, 160, 0.45) + 0.45 * noise(rng, 50, 0.4)
              + 0.35 * noise(rng, 320, 1.6) + 0.25 * noise(rng, 12, 0.4))
    sheen = (0.36 + 0.36 * np.exp(-((X - 560 - 0.10 * (Y - 480)) / 390) ** 2)
             - 0.06 * (Y - 480) / 480)
    metal = sheen * (1 + 0.085 * streak + 0.03 * noise(rng, 120, 60))
    metal = metal * (1 - 0.05 * smooth(1.2, 2.4, noise(rng, 220, 0.9)))

    # marking: text and code, a slightly darker, matt burn
    m = np.maximum(text([(985, 196, 34, "PL-2206"), (985, 236, 25, marked)]),
                   data_matrix(rng, 820, 168, 5.2) * inside(box(819, 167, 905, 253)))
    metal = lerp(metal, 0.20 + 0.02 * streak, 0.8 * blur(m, 0.6))

    # chamfer along the outline
    edge = smooth(-11, -8.5, d)
    a = np.arctan2(py - 480, (px - 640) * 0.75)
    metal = lerp(metal, 0.52 - 0.34 * np.sin(a) + 0.03 * streak, edge)
    # countersunk holes
    hole = np.zeros_like(X)
    for cx, cy in ((158, 150), (1124, 150), (158, 810), (1124, 810)):
        r = np.hypot(px - cx, py - cy)
        t = np.arctan2(py - cy, px - cx)
        cone = 0.36 + 0.30 * np.cos(t - 1.9) ** 3 + 0.10 * np.cos(2 * t + 1)
        cone = cone * (1 + 0.05 * np.sin(r * 2.4))
        metal = lerp(metal, cone, inside(r - 43))
        metal = metal * (1 - 0.5 * np.exp(-((r - 43) / 1.6) ** 2))
        hole = np.maximum(hole, inside(r - 25, 0.7))
    mask = None
    length = 0.0
    if scratched:
        x0, y0, x1, y1 = 322.0, 676.0, 968.0, 318.0
        length = float(np.hypot(x1 - x0, y1 - y0))
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        u = (X - x0) * ux + (Y - y0) * uy
        v = -(X - x0) * uy + (Y - y0) * ux
        k = 2048
        ui = np.clip(u / length * (k - 1), 0, k - 1).astype(int)
        t = np.linspace(0, 1, k).astype(F)
        mask = np.zeros_like(X)
        for off, t0, t1, wide, deep in ((0, 0, 1, 2.0, 1.0), (13, 0.16, 0.62, 0.9, 0.55),
                                        (-9, 0.5, 0.93, 1.0, 0.5), (20, 0.3, 0.46, 0.8, 0.35)):
            path = (30 * np.sin(np.pi * t) ** 1.0 + 0.8 * noise1(rng, k, 60)
                    + 0.35 * noise1(rng, k, 8) + off)
            fade = smooth(t0, t0 + 0.10, t) * smooth(t1, t1 - 0.05, t)
            w = wide * (0.35 + 0.65 * fade) * (1 + 0.22 * noise1(rng, k, 40))
            amp = deep * fade ** 0.5 * np.clip(1 + 0.25 * noise1(rng, k, 14), 0.3, 1.5)
            e = v - path[ui]
            on = (u > t0 * length) & (u < t1 * length)
            g = np.where(on, np.exp(-(e / w[ui]) ** 2) * amp[ui], 0)
            s = np.where(on, np.exp(-((e - 2.1 * w[ui]) / (1.2 * w[ui])) ** 2) * amp[ui], 0)
            b = np.where(on, np.exp(-((e + 2.0 * w[ui]) / (0.9 * w[ui])) ** 2) * amp[ui], 0)
            metal = metal * (1 - 0.72 * np.clip(s, 0, 1)) * (1 - 0.3 * np.clip(b, 0, 1))
            metal = lerp(metal, 1.12, np.clip(g, 0, 1))
            mask = np.maximum(mask, (np.maximum(g, s) > 0.3).astype(F))
    base = grey(metal, 0.012)
    floor = 0.055 + 0.02 * noise(rng, 60) * 0.4 + 0.006 * noise(rng, 0.8)
    floor = floor * (1 - 0.7 * inside(blur(d, 8) - 16, 16))
    nest = grey(np.clip(floor, 0.01, 1), -0.06)
    img = lerp(nest, base, inside(d)[..., None])
    down = 0.03 + 0.03 * smooth(-20, 25, py - 150)
    img = paint(img, grey(down), hole)
    return camera(rng, img, 0.32, 0.010), mask, length


def edge_chip():
    """Face-milled aluminium block; a piece has broken out of its right edge."""
    rng = np.random.default_rng(2202)
    ex, ey = 1010.0, 120.0              # right and upper edges of the block
    wob = 0.5 * noise(rng, 20)
    body = box(-300, ey, ex, 1300, 22)
    # tool marks of the face mill, with the paler return cut across them
    R, yc = 640.0, 560.0
    c = np.sqrt(np.clip(R * R - (Y - yc) ** 2, 1, None))
    jit = 1.2 * noise1(rng, 4096, 30)
    ph = X - c + 2000
    ph = ph + jit[np.clip(ph, 0, 4095).astype(int)]
    teeth = noise1(rng, 8192, 1.0)
    marks = (0.55 * np.sin(2 * np.pi * ph / 13) + 0.5 * np.sin(2 * np.pi * ph / 4.33 + 1)
             + 0.6 * teeth[np.clip(ph * 2, 0, 8191).astype(int)])
    ph2 = X + c
    marks = marks + 0.22 * np.sin(2 * np.pi * ph2 / 13)
    tang = np.arctan2(Y - yc, c)
    sheen = 0.52 + 0.26 * np.exp(-((tang + 0.28) / 0.33) ** 2) + 0.06 * np.cos((X - 300) / 330)
    face = sheen * (1 + 0.050 * marks + 0.012 * noise(rng, 1.0) + 0.03 * noise(rng, 90))
    img = grey(face, 0.006)

    # chamfer
    cham = smooth(-13, -11.5, body + wob * 0.3)
    right = (X - ex) > (ey - Y)
    cl = np.where(right, 0.24, 0.92) + 0.03 * noise(rng, 1, 30)
    corner = smooth(-40, 40, (X - ex) - (ey - Y))
    cl = lerp(cl, lerp(0.92, 0.24, corner), inside(circle(ex - 10, ey + 10, 34), 6))
    img = paint(img, grey(cl), cham)

    # bore with a step, threaded holes, slot
    def bore(img, cx, cy, r, step):
        q = np.hypot(X - cx, Y - cy)
        t = np.arctan2(Y - cy, X - cx)
        ring = 0.42 + 0.36 * np.cos(t - 0.9) + 0.10 * np.cos(2 * t)
        img = paint(img, grey(ring), inside(q - r))
        seat = (0.30 + 0.10 * np.cos(t * 2 + 2)) * (1 + 0.10 * np.sin(q * 2.1))
        seat = seat * (0.55 + 0.45 * smooth(-r, r, (X - cx) * 0.6 + (Y - cy)))
        img = paint(img, grey(seat), inside(q - (r - 7)))
        dark = 0.045 + 0.16 * smooth(step * 0.25, step, q) * smooth(-0.2, 0.9, np.cos(t - 1.3))
        dark = dark * (1 + 0.35 * np.sin(q * 1.9 + t) * smooth(step * 0.45, step, q))
        return paint(img, grey(dark), inside(q - step))
    img = bore(img, 420, 600, 168, 118)
    img = bore(img, 800, 300, 47, 31)
    img = bore(img, 800, 860, 47, 31)
    img = bore(img, 150, 270, 47, 31)

    # the chip
    cy = 570.0
    jag = noise(rng, 16) * 7 + noise(rng, 5) * 2.6
    t = np.hypot((X - ex - 6) / 128, (Y - cy) / 122)
    outer = (t - 1) * 115 + jag
    t2 = np.hypot((X - ex - 16) / 64, (Y - cy - 10) / 72)
    inner = (t2 - 1) * 58 + 0.8 * jag + noise(rng, 3) * 1.2
    fh = facets(rng, ex - 30, cy, (90, 110), 24)
    fh = fh - 0.85 * smooth(0, 95, X - (ex - 95)) * 34 + 0.9 * noise(rng, 4.0) + 0.16 * noise(rng, 1.0)
    fh = blur(fh, 1.5)
    n = normals(fh)
    diff, spec = lamp(n, (300, -300, 700), 18)
    rough = 0.10 + 0.50 * diff + 0.70 * spec + 0.02 * noise(rng, 0.8)
    chip = inside(outer, 0.7)
    img = paint(img, grey(rough, -0.004), chip)
    rim = np.exp(-((outer - 1.0) / 2.2) ** 2)
    lit = smooth(-0.5, 0.6, (Y - cy) / 98)
    img = paint(img, grey(lerp(0.12, 1.0, lit) + 0 * X), 0.75 * rim * inside(body))
    part = inside(body) * (1 - inside(inner, 0.7))

    # out-of-focus table beneath, with the shadow of the block
    table = 0.12 + 0.030 * noise(rng, 3, 40) * 0.5 + 0.012 * noise(rng, 2) + 0.05 * (Y / H)
    for gx in (1090, 1215):
        table = table * (1 - 0.75 * smooth(17, 9, np.abs(X - gx)))
    table = blur(table, 3)
    shade = blur(part, 16)
    shade = shift(shade, 16, 10)
    table = table * (1 - 0.8 * shade)
    img = lerp(grey(np.clip(table, 0.01, 1), -0.05), img, part[..., None])
    mask = (((chip > 0.5) & (body < 0)) | ((inner < 0) & (body < 0))).astype(F)
    b = bounds(mask)
    return camera(rng, img, 0.30, 0.009), mask, b["height"] - 2 * MARGIN


def solder_bridge():
    """Board with a fine-pitch package; solder joins two of its pins."""
    rng = np.random.default_rng(3303)
    pitch, first, count = 88.0, 112.0, 13
    xs = [first + i * pitch for i in range(count)]
    ytop, yfoot, ytoe, yend = 352.0, 452.0, 560.0, 626.0

    # copper below the mask
    cop = np.full(X.shape, 1e9, F)
    for i, x in enumerate(xs):
        y1 = (760, 840, 712)[i % 3]
        cop = np.minimum(cop, capsule(x, yend - 20, x, y1 - 40, 9))
        side = 44 if i % 2 else -44
        cop = np.minimum(cop, capsule(x, y1 - 40, x + side * 0.5, y1, 9))
        if i % 3 != 1:
            cop = np.minimum(cop, capsule(x + side * 0.5, y1, x + side * 0.5, 1100, 9))
    cop = np.minimum(cop, box(-50, 902, 330, 1100, 10))
    vias = [(xs[i] + (22 if i % 2 else -22), 838) for i in (1, 4, 7, 10)]
    for vx, vy in vias:
        cop = np.minimum(cop, circle(vx, vy, 24))
    cm = inside(cop, 1.2)
    weave = (np.sin(X * 2 * np.pi / 9) * np.sin(Y * 2 * np.pi / 9))
    mh = 2.2 * smooth(4, -4, cop) + 0.05 * noise(rng, 2) + 0.04 * noise(rng, 9)
    n = normals(mh)
    diff, spec = lamp(n, (380, -260, 900), 60)
    rx, ry = mirror(n, 0.5)
    ring = softbox(rx, ry, -0.12, -0.40, 0.5, 0.16, 0.12)
    mask_col = lerp(np.array([0.030, 0.205, 0.105], F), np.array([0.085, 0.400, 0.190], F), cm[..., None])
    img = mask_col * (0.45 + 0.85 * diff + 0.02 * weave + 0.012 * noise(rng, 1.5))[..., None]
    img = img + (0.55 * spec + 0.13 * ring)[..., None] * np.array([0.8, 1, 0.9], F)
    # vias: tented ring with a dark hole
    for vx, vy in vias:
        q = np.hypot(X - vx, Y - vy)
        img = paint(img, np.stack([0.80 + 0 * X, 0.66 + 0 * X, 0.34 + 0 * X], -1)
                    * (0.75 + 0.25 * np.cos(np.arctan2(Y - vy, X - vx) - 4))[..., None], inside(q - 17))
        img = paint(img, (0.015, 0.02, 0.015), inside(q - 9, 0.8))
    # silkscreen
    silk = text([(420, 915, 30, "U12"), (1135, 915, 26, "C31")])
    silk = np.maximum(silk, inside(np.abs(box(30, -200, 1250, 672, 4)) - 1.6) * (1 - inside(box(70, 640, 1210, 700))))
    worn = np.clip(0.9 + 0.12 * noise(rng, 1.2), 0, 1)
    img = paint(img, np.array([0.80, 0.82, 0.77], F) * (0.6 + 0.4 * diff)[..., None], blur(silk, 0.5) * worn)

    # solder on the pads, and the bridge between the 7th and 8th
    pads = np.full(X.shape, 1e9, F)
    for x in xs:
        pads = np.minimum(pads, box(x - 25, 452, x + 25, yend, 9))
    xa, xb = xs[6], xs[7]
    clean = pads
    wet = noise(rng, 14) * 1.6
    blob = melt(capsule(xa + 4, 560, xb - 4, 566, 33), circle((xa + xb) / 2 + 4, 584, 37), 22) + wet
    blob = melt(blob, capsule(xa + 6, 510, xb - 6, 520, 13), 26)
    joint = melt(clean, blob, 20)
    depth = np.clip(-joint, 0, None)
    sh = 7.0 * np.sqrt(np.clip(depth, 0, 26) / 26) + 0.35 * noise(rng, 9)
    bd = np.clip(-blob, 0, 46)
    sh = sh + 24 * np.sqrt(bd / 46 + 1e-4) * smooth(0, 16, bd)
    sh = blur(sh, 1.7)
    n = normals(sh)
    rx, ry = mirror(n, 0.35)
    rr = np.hypot(rx, ry)

    def tin(n, rx, ry, rr):
        env = (0.16 + 0.62 * np.exp(-((rr - 0.62) / 0.24) ** 2)
               + 0.95 * softbox(rx, ry, -0.10, -0.42, 0.30, 0.20, 0.10)
               + 0.25 * smooth(0.1, -0.9, ry) + 0.10 * softbox(rx, ry, 0, 0, 0.15, 0.15, 0.1))
        return env * (0.35 + 0.65 * n[2])
    env = tin(n, rx, ry, rr) * (1 + 0.05 * noise(rng, 2.5))
    shadow = blur(inside(joint), 5)
    img = img * (1 - 0.45 * shift(shadow, 3, 5))[..., None]
    img = paint(img, grey(env, -0.012), inside(joint, 0.7))

    # gull-wing pins: flat out of the body, down, flat foot on the pad
    pin = np.full(X.shape, 1e9, F)
    for x in xs:
        pin = np.minimum(pin, box(x - 17, ytop - 30, x + 17, ytoe, 3))
    prof = 46 * smooth(yfoot + 8, ytop + 52, Y)
    ph = prof + 3.0 * smooth(0, -6, pin) + 0.10 * noise(rng, 0.8, 14)
    n = normals(blur(ph, 1.2))
    rx, ry = mirror(n, 0.35)
    env = tin(n, rx, ry, np.hypot(rx, ry)) * 0.9 + 0.20
    env = env * (1 + 0.04 * noise(rng, 0.7, 20)) * (1 - 0.25 * smooth(yfoot - 30, yfoot + 6, Y) * smooth(yfoot + 40, yfoot + 6, Y))
    ps = blur(inside(pin), 7)
    img = img * (1 - 0.55 * shift(ps, 5, 9) * smooth(yfoot + 30, ytop, Y) * (1 - inside(pin)))[..., None]
    cover = inside(pin, 0.6)
    drowned = smooth(3, 14, -blob) * smooth(512, 530, Y)       # feet under the blob
    img = paint(img, grey(env, 0.004), cover * (1 - drowned))

    # package body, moulded, with laser marking
    bodyd = box(52, -300, 1228, ytop, 16)
    shb = blur(inside(bodyd), 18)
    img = img * (1 - 0.62 * shift(shb, 5, 16) * (1 - inside(bodyd)) * (1 - 0.55 * cover))[..., None]
    bh = 20 * smooth(0, -34, bodyd) + 0.16 * noise(rng, 0.8) + 0.10 * noise(rng, 1.8)
    dim = circle(150, 250, 30)
    bh = bh - 5 * smooth(3, -4, dim)
    n = normals(bh)
    diff, spec = lamp(n, (380, -260, 800), 14)
    black = 0.022 + 0.085 * diff + 0.13 * spec
    img = paint(img, np.stack([black, black * 1.01, black * 1.04], -1), inside(bodyd))
    mark = text([(640, 92, 66, "AN6206-Q"), (640, 168, 48, "2611  KX7"), (640, 236, 38, "e4")])
    img = paint(img, grey(0.40 + 0.05 * noise(rng, 1)), blur(mark, 0.6) * 0.75 * inside(bodyd))

    # chip capacitor, lower right
    def chip(img, x0, y0, x1, y1, tone):
        for px0, px1 in ((x0 - 16, x0 + 26), (x1 - 26, x1 + 16)):
            pd = box(px0, y0 - 8, px1, y1 + 8, 10)
            n = normals(blur(8 * np.sqrt(np.clip(-pd, 0, 18) / 18), 1.5))
            rx, ry = mirror(n, 0.35)
            img = paint(img, grey(tin(n, rx, ry, np.hypot(rx, ry))), inside(pd, 0.7))
        cd = box(x0, y0, x1, y1, 5)
        n = normals(blur(9 * smooth(0, -9, cd), 1.2) + 0.06 * noise(rng, 1))
        diff, spec = lamp(n, (380, -260, 800), 25)
        ends = np.minimum(np.abs(X - x0), np.abs(X - x1)) < 22
        ceram = np.asarray(tone, F) * (0.25 + 0.9 * diff)[..., None] + 0.2 * spec[..., None]
        silver = grey(0.22 + 0.50 * diff + 0.3 * spec)
        return paint(img, np.where(ends[..., None], silver, ceram), inside(cd, 0.6))
    img = chip(img, 1060, 806, 1210, 880, (0.55, 0.40, 0.26))
    img = chip(img, 560, 880, 720, 990, (0.06, 0.06, 0.07))
    mask = ((joint < 0) & (clean > -1) & (X > xa) & (X < xb)).astype(F)
    mask = np.maximum(mask, ((blob < -2) & (X > xa - 40) & (X < xb + 40)).astype(F))
    b = bounds(mask)
    return camera(rng, img, 0.30, 0.010), mask, xb - xa - 50


def glossy(rng, h, colour, lights, peel=1.0, spec=1.0, base=(0.25, 0.80), tilt=0.55, clear=0.9):
    """A glossy coat over a height field: diffuse colour and mirrored lights."""
    h = h + peel * (0.16 * noise(rng, 4.5) + 0.30 * noise(rng, 11) + 0.02 * noise(rng, 1.6))
    n = normals(h)
    diff, sp = lamp(n, (260, -420, 900), 40)
    rx, ry = mirror(n, tilt)
    img = np.asarray(colour, F) * (base[0] + base[1] * diff ** 1.3)[..., None]
    refl = 0.10 * smooth(0.8, -0.8, ry)
    for cx, cy, hx, hy, soft, power in lights:
        refl = refl + power * softbox(rx, ry, cx, cy, hx, hy, soft)
    return img + (clear * refl + 0.25 * spec * sp)[..., None] * np.array([0.97, 1.0, 1.03], F)


def dome(cx, cy, r, rise, rng, wob=0.08):
    """A rounded bump with an uneven outline; (height, distance)."""
    t = np.arctan2(Y - cy, X - cx)
    rad = r * (1 + sum(wob / k * np.cos(k * t + rng.uniform(0, 6.28)) for k in (2, 3, 4)))
    q = np.hypot(X - cx, Y - cy) / rad
    return rise * np.clip(1 - q * q, 0, None) ** 1.7, (q - 1) * r


def blister():
    """Blue painted cover with a group of blisters under the coat."""
    rng = np.random.default_rng(4404)
    h = np.zeros_like(X)
    # pressed line along the bottom, and a plugged hole
    line = Y - 800 - 0.04 * (X - 640)
    h = h + 9 * smooth(26, -26, line)
    mask = np.zeros_like(X)
    main = (742.0, 452.0)
    spots = [(main[0], main[1], 96, 17), (596, 396, 50, 8.5), (632, 494, 22, 3.2),
             (846, 344, 29, 4.6), (880, 496, 56, 9.5), (944, 424, 20, 2.8), (672, 318, 23, 3.4),
             (812, 590, 32, 5.0), (528, 330, 18, 2.6)]
    for x, y, r, rise in spots:
        a, d = dome(x, y, r, rise, rng)
        h = h + a
        mask = np.maximum(mask, (d < 0).astype(F))
    h = blur(h, 2.6)
    lights = [(-0.10, -0.52, 0.52, 0.14, 0.12, 0.60), (0.52, 0.15, 0.10, 0.40, 0.12, 0.26)]
    img = glossy(rng, h, (0.070, 0.205, 0.430), lights, 0.45, base=(0.14, 1.25))
    flake = noise(rng, 0.6)
    img = img * (1 + 0.025 * flake)[..., None]
    # rubber plug
    q = np.hypot(X - 205, Y - 235)
    t = np.arctan2(Y - 235, X - 205)
    img = img * (1 - 0.5 * shift(blur(inside(q - 78), 8), 4, 7) * (1 - inside(q - 78)))[..., None]
    rub = 0.045 + 0.10 * np.clip(np.cos(t + 2.2), 0, 1) * smooth(54, 70, q) + 0.006 * noise(rng, 1)
    rub = rub + 0.05 * np.exp(-((q - 52) / 3) ** 2) * (0.5 - 0.5 * np.cos(t + 2.2))
    img = paint(img, grey(rub), inside(q - 78, 0.7))
    return camera(rng, img, 0.34, 0.012, tint=(1.16, 1.16, 1.16)), mask, 2 * 96


def coating_run():
    """Yellow coat on a housing; it has run down from the flange."""
    rng = np.random.default_rng(5505)
    top = 190.0
    h = 16 * smooth(22, -22, Y - top)            # flange above
    # the runs: broad at their start, thin neck, heavy drop at the end
    runs = [(640, 705, 28, 42), (512, 470, 17, 26), (757, 388, 15, 23)]
    d = np.full(X.shape, 1e9, F)
    wave = noise1(rng, W * S, 45)[None, :]
    hang = 58 * smooth(395, 560, X) * smooth(885, 760, X) * (1 + 0.16 * wave)
    d = (Y - top - hang) * 0.85 + 12 * smooth(440, 390, X) + 12 * smooth(830, 890, X)
    for x, y1, r, drop in runs:
        sway = 5 * np.sin(Y / 90 + x)
        q = np.abs(X - x - sway)
        w = r * (0.78 + 0.22 * np.cos((Y - top) / (y1 - top) * 6.2))
        col = np.maximum(q - w, np.maximum(top - Y, Y - y1))
        tear = np.hypot((X - x - 5 * np.sin(y1 / 90 + x)) / 1.0,
                        (Y - y1) * np.where(Y < y1, 0.55, 1.0)) - drop
        d = melt(d, melt(col, tear, 24), 30)
    d = blur(d, 1.2)
    dd = np.clip(-d, 0, 46)
    run = 15 * np.sqrt(dd / 46) * (0.45 + 0.75 * smooth(top, 700, Y))
    run = blur(run, 3.2)
    run = run * smooth(top - 2, top + 30, Y)
    h = h + run
    lights = [(-0.52, -0.30, 0.13, 0.46, 0.06, 0.62), (0.74, 0.05, 0.10, 0.40, 0.08, 0.34)]
    img = glossy(rng, h, (0.95, 0.62, 0.055), lights, 0.40, base=(0.16, 0.96), tilt=0.45)
    # shade under the run's lower edge and a darker, thicker coat within it
    sh = shift(blur(inside(d), 7), 7, 9) * (1 - inside(d, 2))
    img = img * (1 - 0.50 * sh)[..., None]
    thick = (smooth(0, 22, -d) * smooth(top, top + 40, Y))[..., None]
    img = img * (1 - thick * np.array([0.02, 0.08, 0.12], F))
    # bolts on the flange
    for bx in (150, 640, 1130):
        q = np.hypot(X - bx, Y - 84)
        t = np.arctan2(Y - 84, X - bx)
        img = img * (1 - 0.55 * shift(blur(inside(q - 50), 8), 6, 7) * (1 - inside(q - 50)))[..., None]
        washer = 0.40 + 0.20 * np.cos(t + 2.3) * smooth(44, 50, q) + 0.06 * np.cos(2 * t + bx) + 0.02 * noise(rng, 0.8)
        img = paint(img, grey(washer), inside(q - 50, 0.7))
        rot = t + bx * 0.01
        hexd = q * np.cos((rot % (np.pi / 3)) - np.pi / 6) - 31
        hx = 0.50 + 0.10 * np.cos(t + 2.3) + 0.02 * noise(rng, 1) - 0.32 * smooth(-5, -1, hexd) * np.cos(t - 0.9)
        img = paint(img, grey(hx, 0.01), inside(hexd, 0.7))
    mask = (d < -1).astype(F) * (Y > top - 12) * (hang > 3)
    length = 705 + 42 - top
    return camera(rng, img, 0.30, 0.010), mask, length


def porosity():
    """Butt weld in steel plate; a nest of pores in the bead."""
    rng = np.random.default_rng(6606)
    k = W * S
    mid = 490 + 5 * noise1(rng, k, 200)[None, :] + 0.02 * (X - 640)
    half = 96 + 4 * noise1(rng, k, 60)[None, :] + 2.5 * noise1(rng, k, 18)[None, :]
    v = (Y - mid) / half
    a = np.abs(v)
    # ripples: crescents that trail behind the pool
    ph = X + 62 * np.clip(a, 0, 1.1) ** 2 + 200
    jit = 5 * noise1(rng, 4096, 26)
    ph = ph + jit[np.clip(ph, 0, 4095).astype(int)]
    pitch = 27.0
    saw = (ph / pitch) % 1.0
    ripple = saw ** 1.5 * smooth(1.0, 0.93, saw)
    bead = 40 * np.sqrt(np.clip(1 - v * v, 0, 1)) ** 1.2
    on = smooth(1.02, 0.96, a)
    h = bead + on * (5.6 * ripple * (1 - 0.45 * a) + 0.30 * noise(rng, 2.0) + 0.5 * noise(rng, 6))
    scale = 0.07 * noise(rng, 1.0) + 0.14 * noise(rng, 3) + 0.05 * noise(rng, 40, 0.7)
    h = h + (1 - on) * scale - 3.5 * np.exp(-((a - 1.03) / 0.03) ** 2)
    # spatter
    ball = np.zeros_like(X)
    for _ in range(26):
        sx = rng.uniform(20, W - 20)
        side = rng.choice((-1, 1))
        sy = 490 + side * (125 + rng.exponential(75))
        r = rng.uniform(2.0, 6.5)
        q = 1 - ((X - sx) ** 2 + (Y - sy) ** 2) / (r * r)
        h = h + r * 0.9 * np.sqrt(np.clip(q, 0, 1))
        ball = np.maximum(ball, inside(-q * r))
    # pores
    cx, cy = 724.0, 486.0
    mask = np.zeros_like(X)
    pits = np.zeros_like(X)
    placed = []
    sizes = [23, 17, 15, 13, 12, 11, 10, 9, 8, 8, 7, 7, 6, 6, 5, 5, 5, 4]
    for r in sizes:
        for _ in range(400):
            x, y = cx + rng.normal(0, 62), cy + rng.normal(0, 30)
            if abs(x - cx) < 128 and abs(y - cy) < 56 and all(
                    np.hypot(x - p, y - q) > r + s + 5 for p, q, s in placed):
                placed.append((x, y, r))
                break
    for x, y, r in placed:
        t = np.arctan2(Y - y, X - x)
        rad = r * (1 + 0.10 * np.cos(2 * t + x) + 0.07 * np.cos(3 * t + y))
        q = np.hypot(X - x, Y - y) / rad
        h = h - 1.05 * r * np.sqrt(np.clip(1 - q * q, 0, 1)) + 1.6 * np.exp(-((q - 1.10) / 0.13) ** 2)
        pits = np.maximum(pits, smooth(1.02, 0.80, q))
        mask = np.maximum(mask, (q < 1.05).astype(F))
    h = blur(h, 0.8)
    n = normals(h)
    d1, s1 = lamp(n, (150, -350, 620), 22)
    d2, s2 = lamp(n, (1300, 1250, 700), 30)
    rx, ry = mirror(n, 0.4)
    bar = softbox(rx, ry, -0.15, -0.62, 0.7, 0.22, 0.16)
    metal = 0.10 + 0.30 * d1 + 0.10 * d2 + 0.55 * s1 + 0.22 * s2 + 0.34 * bar
    plate_ = 0.05 + 0.34 * d1 + 0.08 * d2 + 0.18 * s1
    brushed = 1 + 0.05 * noise(rng, 60, 0.7) + 0.03 * noise(rng, 60) + 0.03 * noise(rng, 1)
    plate_ = plate_ * brushed
    # temper colours beside the bead
    x = (a - 1) * 96 + 5 * noise(rng, 40, 8) + 2 * noise(rng, 5)
    stops = [0, 16, 34, 56, 80, 112, 170, 400]
    cols = np.array([[.46, .46, .48], [.42, .46, .55], [.42, .47, .70], [.60, .48, .62],
                     [.84, .64, .46], [.98, .83, .60], [1.0, .95, .86], [.98, .99, 1.0]], F)
    heat = np.stack([np.interp(x, stops, cols[:, i]) for i in range(3)], -1).astype(F)
    img = plate_[..., None] * heat * 1.45
    # weld soot and the bead
    img = paint(img, grey(metal, 0.010), on)
    toe = np.exp(-((a - 1.02) / 0.035) ** 2)
    img = img * (1 - 0.55 * toe)[..., None]
    img = paint(img, grey(0.12 + 0.4 * d1 + 0.6 * s1, 0.02), ball)
    img = img * (1 - 0.90 * pits)[..., None]
    shade = noise(rng, 30)
    img = img * (1 + 0.03 * shade)[..., None]
    return camera(rng, img, 0.36, 0.010), mask, len(placed)


def dent():
    """Stamped, galvanised panel with pressed beads and holes; a dent in the field."""
    rng = np.random.default_rng(7707)
    frame = box(92, 84, 1188, 876, 92)
    h = 22 * smooth(18, -18, frame)                                    # raised field
    for y in (250, 712):
        rib = capsule(300, y, 830, y, 30)
        h = h + 15 * smooth(16, -16, rib)
    holes = [(1020, 250, 62), (1020, 712, 62), (204, 480, 40)]
    hole = np.zeros_like(X)
    for x, y, r in holes:
        q = circle(x, y, r)
        h = h - 8 * smooth(20, 2, q)
        hole = np.maximum(hole, inside(q))
    # the dent: a struck hollow, steep on one side, with a pushed-up rim
    cx, cy, ang = 655.0, 486.0, -0.42
    u = (X - cx) * np.cos(ang) + (Y - cy) * np.sin(ang)
    v = -(X - cx) * np.sin(ang) + (Y - cy) * np.cos(ang)
    q = np.hypot(u / np.where(u > 0, 116, 150), v / np.where(v > 0, 86, 112))
    q = q * (1 + 0.07 * noise(rng, 46))
    pit = -30 * np.clip(1 - q * q, 0, None) ** 1.7 + 3.4 * np.exp(-((q - 1.10) / 0.17) ** 2)
    crease = -7 * np.exp(-(((v - 14 + 0.004 * u * u) / 9) ** 2)) * smooth(70, 10, np.abs(u - 12))
    h = h + pit + crease
    h = blur(h, 3.0)
    h = h + 0.7 * noise(rng, 120) + 0.012 * noise(rng, 1.0, 18) + 0.012 * noise(rng, 2) + 0.008 * noise(rng, 0.7)
    n = normals(h)
    d1, s1 = lamp(n, (-420, -260, 620), 9)
    d2, s2 = lamp(n, (1500, 1100, 800), 16)
    rx, ry = mirror(n, 0.5)
    bar = softbox(rx, ry, -0.35, -0.30, 0.34, 0.22, 0.22)
    tone = 0.08 + 0.62 * d1 + 0.10 * d2 + 0.34 * s1 + 0.05 * s2 + 0.16 * bar
    spangle = 1 + 0.030 * np.tanh(noise(rng, 9) * 1.5) + 0.022 * noise(rng, 0.6, 26) + 0.02 * noise(rng, 90)
    img = grey(tone * spangle, -0.014)
    for x, y, r in holes:
        rr = np.hypot(X - x, Y - y)
        t = np.arctan2(Y - y, X - x)
        img = paint(img, grey(0.50 - 0.38 * np.cos(t - 0.5)), inside(np.abs(rr - r - 1.5) - 2.2, 0.8))
    below = 0.03 + 0.02 * smooth(-60, 60, Y - 480) + 0.004 * noise(rng, 3)
    img = paint(img, grey(below), hole)
    mask = (q < 1.22).astype(F)
    return camera(rng, img, 0.30, 0.009), mask, bounds(mask)["width"] - 2 * MARGIN


def cap_misaligned():
    """Three amber bottles before a light panel; the middle cap sits askew."""
    rng = np.random.default_rng(8808)
    glow = 0.86 - 0.16 * ((X - 640) / 640) ** 2 - 0.10 * (Y - 300) / 660
    glow = glow + 0.012 * noise(rng, 40)
    img = np.stack([glow * 0.95, glow * 0.99, glow * 1.02], -1).astype(F)
    centres = (232.0, 646.0, 1060.0)
    mask = None

    def tube(x, r):
        """Position across a cylinder, -1 to 1, and how it faces the camera."""
        s = np.clip(x / np.maximum(r, 1e-3), -1, 1)
        return s, np.sqrt(1 - s * s)

    for i, cx in enumerate(centres):
        # --- glass: neck, bead, shoulder, body
        yy = Y
        half = np.full(X.shape, 78, F)
        half = half + 14 * np.exp(-((yy - 372) / 11) ** 4)               # neck bead
        half = half + (172 - 78) * smooth(396, 540, yy)
        thread = 6 * np.clip(np.sin((yy + (X - cx) * 0.07) * 2 * np.pi / 30), 0, 1) * smooth(358, 345, yy)
        half = half + thread
        d = np.maximum(np.abs(X - cx) - half, 196 - yy)
        s, f = tube(X - cx, half)
        g = 0.30 + 0.62 * f ** 1.2                                         # back light through glass
        edge = smooth(0.80, 0.98, np.abs(s))
        r_ = 0.95 * g * (1 - 0.82 * edge)
        g_ = 0.47 * g ** 1.5 * (1 - 0.90 * edge)
        b_ = 0.085 * g ** 2.2 * (1 - 0.9 * edge)
        level = 600 + 4 * np.abs(s) ** 2 + rng.uniform(-3, 3)
        full = smooth(level - 1.5, level + 1.5, yy)
        tint = np.stack([1 - 0.42 * full, 1 - 0.58 * full, 1 - 0.6 * full], -1)
        glass = np.stack([r_, g_, b_], -1) * tint
        glass = glass * (1 - 0.55 * np.exp(-((yy - level) / 3.0) ** 2) * smooth(1, .9, np.abs(s)))[..., None]
        glass = glass * (1 - 0.35 * np.exp(-((yy - 384) / 6) ** 2) - 0.25 * np.exp(-((yy - 356) / 4) ** 2))[..., None]
        thr = np.sin((yy + (X - cx) * 0.07) * 2 * np.pi / 30) * smooth(358, 345, yy)
        glass = glass * (1 + 0.30 * thr)[..., None]
        hl = (0.62 * np.exp(-((s + 0.62) / 0.045) ** 2) + 0.30 * np.exp(-((s - 0.70) / 0.03) ** 2)) * smooth(398, 470, yy)
        hl = hl * (0.85 + 0.15 * np.tanh(noise(rng, 30)))
        glass = glass + hl[..., None] * np.array([1, 0.95, 0.85], F)
        glass = glass * (1 + 0.02 * noise(rng, 25, 6))[..., None]
        img = paint(img, glass, inside(d, 0.8))
        # --- label
        lab = np.maximum(np.abs(X - cx) - 172 * 1.002, np.abs(yy - 838 - 8 * f) - 150)
        paper = 0.16 + 0.66 * f ** 0.7 - 0.12 * s
        ls = np.arcsin(np.clip(s, -1, 1))
        pr = np.stack([paper, paper, paper * 0.97], -1)
        band = inside(np.abs(yy - 8 * f - 716) - 17)
        pr = paint(pr, np.stack([paper * 0.10, paper * 0.36, paper * 0.50], -1), band)
        words = [(cx, 778, 46, "TONIC 8"), (cx, 824, 22, "herbal syrup  200 ml"),
                 (cx, 912, 22, "LOT 2026-1133")]
        tm = text(words)
        # bend the words around the cylinder
        sx = np.clip(((cx + ls * 172) * S), 0, W * S - 1).astype(int)
        sy = np.clip((yy - 8 * f + 8) * S, 0, H * S - 1).astype(int)
        pr = paint(pr, grey(0.10 + 0.04 * f), 0.9 * tm[sy, sx])
        img = paint(img, pr, inside(lab, 0.7))

        # --- cap, in its own axes
        tilted = i == 1
        ang, lift, aside = (np.deg2rad(-11.5), 17.0, 6.0) if tilted else (np.deg2rad((0.2, 0, -0.3)[i]), 0.0, 0.0)
        ox, oy = cx + aside, 268.0 - lift
        lx = (X - ox) * np.cos(ang) + (Y - oy) * np.sin(ang)
        ly = -(X - ox) * np.sin(ang) + (Y - oy) * np.cos(ang)
        R = 112.0
        s, f = tube(lx, R)
        y0, y1 = -108.0, 84.0
        bow = 9 * f                                                        # seen slightly from above
        cap = box(-R, y0, R, y1, 13, lx, ly - bow * smooth(-40, 60, ly))
        th = np.arcsin(s)
        kn = np.sin(th * 62)
        body = 0.13 + 0.66 * f ** 0.9 - 0.20 * s
        skirt = smooth(y0 + 20, y0 + 32, ly) * smooth(y1 - 30, y1 - 38, ly - bow)
        body = body * (1 + 0.22 * kn * skirt * smooth(0, 0.4, f))
        body = body + 0.30 * np.exp(-((s + 0.5) / 0.10) ** 2) * (1 - 0.5 * skirt) + 0.10 * np.exp(-((s - 0.62) / 0.06) ** 2)
        body = body + 0.22 * np.exp(-((ly - y0 - 10) / 7) ** 2) * f
        seam = np.exp(-((ly - bow - (y1 - 30)) / 2.4) ** 2)                # tamper-evident ring
        body = body * (1 - 0.65 * seam) + 0.12 * np.exp(-((ly - bow - (y1 - 24)) / 3) ** 2) * f
        col = np.stack([body * 0.90 + 0.01, body * 0.92 + 0.012, body * 0.93 + 0.016], -1)
        # shadow on the neck
        sh = shift(blur(inside(cap), 6), 0, 9) * inside(d)
        img = img * (1 - 0.6 * sh)[..., None]
        col = col * np.array([0.20, 0.46, 0.95], F)+ (0.16 * np.clip(body - 0.45, 0, 1))[..., None]
        img = paint(img, col, inside(cap, 0.8))
        if tilted:
            mask = (cap < 0).astype(F)
            mask = np.maximum(mask, ((d < 0) & (yy > 330) & (yy < 384) & (cap > 0)).astype(F))
    return camera(rng, img, 0.22, 0.009, focus=0.7), mask, 11.5


# ------------------------------------------------------------------ the set

def inspection(name, n, camera_no, asset, unit, label, conf, sev, mask, attributes):
    return {"file": name, "camera": f"CAM-{camera_no:02d}", "zone": f"Z{camera_no}",
            "asset": asset, "lot": n, "unit": f"U-{unit:06d}", "class": label,
            "confidence": conf, "severity": sev, "box": bounds(mask),
            "attributes": attributes}


def save(out, name, pixels, quality):
    path = os.path.join(out, name)
    Image.fromarray(pixels).save(path, "JPEG", quality=quality, optimize=True, subsampling=2)
    print(f"{name:24s} {os.path.getsize(path) / 1000:6.1f} kB")


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(args) != 1:
        sys.exit("usage: python3 make.py OUTDIR [--boxes] [--only=FILE]")
    only = [a[7:] for a in sys.argv if a.startswith("--only=")]
    out = args[0]
    os.makedirs(out, exist_ok=True)
    # file, scene, camera, asset, lot, unit, class, confidence, severity, attributes(size)
    rows = [
        ("scratch.jpg", lambda: plate(1101, "SN 000101", True), 1, "PRESS-07", "LOT-2026-1124", 101,
         "scratch", 0.97, 0.82, lambda s: {"length_mm": round(s * 0.1, 1)}),
        ("edge-chip.jpg", edge_chip, 2, "MILL-03", "LOT-2026-1125", 214,
         "edge_chip", 0.91, 0.58, lambda s: {"length_mm": round(s * 0.05, 1)}),
        ("solder-bridge.jpg", solder_bridge, 3, "REFLOW-02", "LOT-2026-1131", 3307,
         "solder_bridge", 0.98, 0.95, lambda s: {"gap_mm": round(s * 0.0057, 2), "pin_a": 7, "pin_b": 8}),
        ("blister.jpg", blister, 4, "COAT-01", "LOT-2026-1128", 4412,
         "blister", 0.84, 0.47, lambda s: {"diameter_mm": round(s * 0.06, 1), "count": 9}),
        ("coating-run.jpg", coating_run, 4, "COAT-01", "LOT-2026-1128", 4419,
         "coating_run", 0.76, 0.36, lambda s: {"length_mm": round(s * 0.12, 1)}),
        ("porosity.jpg", porosity, 5, "WELD-05", "LOT-2026-1130", 551,
         "porosity", 0.93, 0.71, lambda s: {"pores": s}),
        ("dent.jpg", dent, 1, "PRESS-07", "LOT-2026-1124", 138,
         "dent", 0.62, 0.25, lambda s: {"length_mm": round(s * 0.1, 1)}),
        ("cap-misaligned.jpg", cap_misaligned, 6, "CAP-04", "LOT-2026-1133", 88021,
         "cap_misaligned", 0.88, 0.64, lambda s: {"tilt_deg": s}),
    ]
    samples = []
    for name, scene, cam, asset, lot, unit, label, conf, sev, attr in rows:
        if only and name not in only:
            continue
        pixels, mask, size = scene()
        save(out, name, pixels, 85)
        samples.append(inspection(name, lot, cam, asset, unit, label, conf, sev, mask, attr(size)))
        if "--boxes" in sys.argv:
            im = Image.fromarray(pixels)
            b = samples[-1]["box"]
            ImageDraw.Draw(im).rectangle(
                (b["x"], b["y"], b["x"] + b["width"] - 1, b["y"] + b["height"] - 1),
                outline=(255, 40, 40), width=3)
            im.save(os.path.join(out, "boxed-" + name.replace(".jpg", ".png")))
    if not only or "good-plate.jpg" in only:
        pixels, _, _ = plate(1102, "SN 000100", False)
        save(out, "good-plate.jpg", pixels, 85)
    if not only:
        with open(os.path.join(out, "samples.json"), "w", encoding="utf-8") as f:
            f.write("[\n" + ",\n".join("  " + json.dumps(s) for s in samples) + "\n]\n")


if __name__ == "__main__":
    main()
