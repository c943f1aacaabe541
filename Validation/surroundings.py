"""What was tested and where: version, commit, system, compiler, and every package that goes into the program."""
import json
import os
import pathlib
import platform
import re
import subprocess


def output(*command, cwd=None):
    """What a program prints, or nothing when it is not there or fails."""
    try:
        return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout.rstrip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def version(root):
    """The program's own version, as its sources say it."""
    try:
        text = pathlib.Path(root, "Sources/AndonModel/Software.swift").read_text(encoding="utf-8")
    except OSError:
        text = ""
    found = re.search(r'static let version\s*(?::\s*String\s*)?=\s*"([^"]+)"', text)
    return found[1] if found else "0.0.0-unknown"


def work_tree(root, besides):
    """The commit with its time (seconds since 1970), and the files that are not as it has them, without the pack itself."""
    commit = output("git", "rev-parse", "HEAD", cwd=root)
    if not commit:
        return {"commit": "unknown", "committedAt": None, "changed": []}
    status = ["git", "status", "--porcelain", "--untracked-files=all", "--", "."]
    beside = os.path.relpath(besides, root)
    if not beside.startswith(".."):
        status += [f":(exclude){beside}", f":(exclude){beside}.part"]
    return {
        "commit": commit,
        "committedAt": float(output("git", "show", "-s", "--format=%ct", "HEAD", cwd=root) or 0),
        "changed": output(*status, cwd=root).splitlines(),
    }


def environment(root):
    """The machine that makes the pack. A version of None means: not there."""
    compiler = " ".join(output("swift", "--version").split())
    return {
        "system": _system(),
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "compiler": compiler or None,
        "build": "debug, with the tests",
        "python": platform.python_version(),
        "packages": packages(root),
        "debianPackages": debian_packages(root),
    }


def _system():
    try:
        release = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
        name = re.search(r'^PRETTY_NAME="?([^"\n]*)', release, re.M)[1]
        point = pathlib.Path("/etc/debian_version")
        return f"{name}, {point.read_text(encoding='utf-8').strip()}" if point.exists() else name
    except (OSError, TypeError):
        return platform.platform()


def packages(root):
    """Swift packages: those that Package.swift pins, and those that they brought along, as the last build resolved them."""
    pinned = {}
    for url, pin in re.findall(r'\.package\(\s*url: "([^"]+)", exact: "([^"]+)"', _read(root, "Package.swift")):
        pinned[url.rstrip("/").removesuffix(".git").split("/")[-1].lower()] = pin
    resolved = {}
    for pin in json.loads(_read(root, "Package.resolved") or '{"pins": []}')["pins"]:
        state = pin["state"]
        resolved[pin["identity"].lower()] = state.get("version") or state.get("branch") or state.get("revision")
    return [
        {"name": name, "version": resolved.get(name, pinned.get(name)), "pinned": pinned.get(name)}
        for name in sorted(pinned.keys() | resolved.keys())
    ]


def debian_packages(root):
    """The Debian packages that `scripts/setup` asks for, with the versions that are installed."""
    asked = re.findall(r"missing\+=\(([^)]+)\)", _read(root, "scripts/setup"))
    names = sorted({name for group in asked for name in group.split()})
    if not names:
        return []
    listing = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status} ${Version}\n", *names], check=False,
        capture_output=True, text=True).stdout if output("dpkg-query", "--version") else ""
    rows = [line.split(" ") for line in listing.splitlines()]
    there = {row[0]: row[2] for row in rows if row[1] == "installed"}
    return [{"name": name, "version": there.get(name)} for name in names]


def _read(root, path):
    try:
        return pathlib.Path(root, path).read_text(encoding="utf-8")
    except OSError:
        return ""
