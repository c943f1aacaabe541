"""The disk alone at the same rate: a file of 1,000,000 bytes written, synced, named and its folder synced, as a kept picture is.

    disk.py FOLDER RATE SECONDS POOL

POOL files differ; then they come again, and are written and thrown away, as a picture that is there already. Times are from the
moment when a file was due.
"""
import os
import sys

from pace import Pace, figures

folder, (rate, seconds, pool) = sys.argv[1], map(int, sys.argv[2:5])
block = os.urandom(1_000_000)
for shelf in range(256):
    os.makedirs(f"{folder}/{shelf:02x}", exist_ok=True)


def keep(number, due):
    temporary, name = f"{folder}/{number}.new", f"{folder}/{number % pool % 256:02x}/{number % pool}"
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.write(file, block)
    if number < pool:
        os.fdatasync(file)
        os.link(temporary, name)
        shelf = os.open(os.path.dirname(name), os.O_RDONLY)
        os.fsync(shelf)
        os.close(shelf)
    os.close(file)
    os.unlink(temporary)


pace = Pace(rate, seconds, threads=16)
took = pace.run(lambda: keep)
print(f"disk alone: {pace.total} files of 1 MB at {pace.total / took:.0f} a second; {figures(pace.late)}; seconds in which one "
      f"took over 100 ms: {len(pace.slow)} of {seconds}: {sorted(pace.slow)[:40]}")
