"""Work that falls due at a steady rate, done by threads, each piece as soon as it is due and a thread is free."""
import threading
import time


class Pace:
    def __init__(self, rate, seconds, threads):
        self.rate, self.total, self.threads = rate, rate * seconds, threads
        self.lock, self.next_number = threading.Lock(), 0
        # Milliseconds from when something was due to its end, and the seconds in which one took over 100 ms.
        self.late, self.slow = [], set()

    def run(self, make):
        """`make()` gives a thread its own function of a piece's number and of when it was due. Gives the seconds that all took."""
        self.start = time.monotonic() + 1
        workers = [threading.Thread(target=self._work, args=(make,)) for _ in range(self.threads)]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
        return time.monotonic() - self.start

    def _work(self, make):
        piece = make()
        while True:
            with self.lock:
                number, self.next_number = self.next_number, self.next_number + 1
            if number >= self.total:
                return
            due = self.start + number / self.rate
            time.sleep(max(0, due - time.monotonic()))
            piece(number, due)
            end = time.monotonic()
            with self.lock:
                self.late.append((end - due) * 1e3)
                if end - due > 0.1:
                    self.slow.add(int(due - self.start))


def figures(values):
    values = sorted(values)
    at = lambda share: values[min(len(values) - 1, int(len(values) * share))]
    return f"p50 {at(0.5):.1f}, p99 {at(0.99):.1f}, max {values[-1]:.1f} ms"
