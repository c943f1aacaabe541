"""The disk alone at the same rate: a file of 1,000,000 bytes written, synced, named and its folder synced, as a kept picture is.

    disk.py FOLDER RATE SECONDS POOL

POOL files differ; then they come again, and are written and thrown away, as a picture that is there already. Times are from the
moment when a file was due.
"""
import os
import sys
import threading
import time

folder, (rate, seconds, pool) = sys.argv[1], map(int, sys.argv[2:5])
block, total = os.urandom(1_000_000), rate * seconds
for shelf in range(256):
    os.makedirs(f"{folder}/{shelf:02x}", exist_ok=True)
lock, next_number, late = threading.Lock(), 0, []
slow = set()
start = time.monotonic() + 1


def keep(number):
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


def worker():
    global next_number
    while True:
        with lock:
            number, next_number = next_number, next_number + 1
        if number >= total:
            return
        due = start + number / rate
        time.sleep(max(0, due - time.monotonic()))
        keep(number)
        end = time.monotonic()
        with lock:
            late.append((end - due) * 1e3)
            if end - due > 0.1:
                slow.add(int(due - start))


workers = [threading.Thread(target=worker) for _ in range(16)]
for each in workers:
    each.start()
for each in workers:
    each.join()
late.sort()
print(f"disk alone: {total} files of 1 MB at {total / (time.monotonic() - start):.0f} a second; p50 {late[total // 2]:.1f}, "
      f"p99 {late[total * 99 // 100]:.1f}, max {late[-1]:.1f} ms; seconds in which one took over 100 ms: {len(slow)} of "
      f"{seconds}: {sorted(slow)[:40]}")
