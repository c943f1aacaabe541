"""A second pair of eyes: reads pictures with Python's standard library and prints what it finds as JSON.

judge.py png FILE LEFT TOP RIGHT BOTTOM RRGGBB...   size, border, and where each colour is within the box
judge.py svg FILE                                   well-formed, titles, references
"""
import json
import re
import struct
import sys
import xml.etree.ElementTree as ET
import zlib


def chunks(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "signature"
    at = 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        (crc,) = struct.unpack(">I", data[at + 8 + size:at + 12 + size])
        assert crc == zlib.crc32(kind + body), f"checksum of {kind}"
        yield kind.decode(), body
        at += 12 + size


def unfiltered(raw, width, height, bpp):
    stride = width * bpp
    before = bytearray(stride)
    at = 0
    for _ in range(height):
        kind = raw[at]
        row = bytearray(raw[at + 1:at + 1 + stride])
        at += 1 + stride
        if kind == 1:
            for i in range(bpp, stride):
                row[i] = (row[i] + row[i - bpp]) & 255
        elif kind == 2:
            for i in range(stride):
                row[i] = (row[i] + before[i]) & 255
        elif kind == 3:
            for i in range(stride):
                left = row[i - bpp] if i >= bpp else 0
                row[i] = (row[i] + (left + before[i]) // 2) & 255
        elif kind == 4:
            for i in range(stride):
                a = row[i - bpp] if i >= bpp else 0
                b = before[i]
                c = before[i - bpp] if i >= bpp else 0
                pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
                row[i] = (row[i] + (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 255
        else:
            assert kind == 0, f"filter {kind}"
        yield row
        before = row
    assert at == len(raw), "the picture has as many bytes as its size says"


def png(path, box, colours):
    found = list(chunks(open(path, "rb").read()))
    assert found[0][0] == "IHDR" and found[-1] == ("IEND", b"")
    width, height, depth, kind, *rest = struct.unpack(">IIBBBBB", found[0][1])
    assert (depth, kind, rest) == (8, 2, [0, 0, 0]), "24 bits a pixel, not interlaced"
    raw = zlib.decompress(b"".join(body for name, body in found if name == "IDAT"))
    left, top, right, bottom = box
    sums = {colour: [0, 0, 0] for colour in colours}
    keys = {bytes.fromhex(colour): colour for colour in colours}
    dark = 0
    for y, row in enumerate(unfiltered(raw, width, height, 3)):
        edge = [row[:3], row[-3:]] if 0 < y < height - 1 else [row[i:i + 3] for i in range(0, width * 3, 3)]
        dark += sum(1 for pixel in edge if bytes(pixel) != b"\xff\xff\xff")
        if not top <= y < bottom or not keys:
            continue
        for x in range(max(0, left), min(width, right)):
            name = keys.get(bytes(row[3 * x:3 * x + 3]))
            if name:
                entry = sums[name]
                entry[0] += 1
                entry[1] += x + 0.5
                entry[2] += y + 0.5
    places = {c: {"count": n, "x": x / n if n else 0, "y": y / n if n else 0} for c, (n, x, y) in sums.items()}
    return {"width": width, "height": height, "kinds": [name for name, _ in found], "edge": dark, "colours": places}


def svg(path):
    text = open(path, encoding="utf-8").read()
    root = ET.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), "a name is used twice"
    outside, elements = [], set()
    for element in root.iter():
        elements.add(element.tag.replace(space, ""))
        for name, value in element.attrib.items():
            links = re.findall(r"url\(([^)]*)\)", value)
            if name.endswith("href"):
                links.append(value)
            outside += [link for link in links if not (link.startswith("#") and link[1:] in ids)]
    bare = re.sub(r'xmlns(:\w+)?="[^"]*"', "", re.sub(r"<(title|desc)>.*?</\1>", "", text, flags=re.S))
    outside += re.findall(r"(?:https?|ftp|file|data|javascript):[^\"\s]*|<!DOCTYPE|<!ENTITY|@import", bare)
    return {
        "width": root.get("width"), "height": root.get("height"), "outside": outside, "elements": sorted(elements),
        "title": root.findtext(space + "title"), "description": root.findtext(space + "desc"),
        "times": re.findall(r"date|creat|producer", bare, flags=re.I),
    }


if sys.argv[1] == "png":
    print(json.dumps(png(sys.argv[2], [int(v) for v in sys.argv[3:7]], sys.argv[7:])))
else:
    print(json.dumps(svg(sys.argv[2])))
