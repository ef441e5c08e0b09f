"""What the trials of the pages and of the Postgres door measure alike: the server's processor time and memory, how soon
others are answered, and what came of it.
"""

import os
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 1000


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


class Trial:
    """A trial of the server with this process id. `ask` asks it one small question and fails if the answer is wrong."""

    def __init__(self, process, ask):
        self.process = process
        self.ask = ask
        self.failed = False

    def check(self, text, holds):
        self.failed |= not holds
        print(("ok      " if holds else "FAILED  ") + text, flush=True)

    def processor_seconds(self):
        fields = open(f"/proc/{self.process}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self):
        return next(int(line.split()[1]) for line in open(f"/proc/{self.process}/status") if line.startswith("VmRSS")) / 1024

    def quiet_after(self, begun):
        """Seconds from `begun` until the server worked for the last time, as its clock ticks tell."""
        last, worked = begun, self.processor_seconds()
        while time.monotonic() - last < 0.08:
            time.sleep(0.005)
            if (now := self.processor_seconds()) != worked:
                last, worked = time.monotonic(), now
            if last - begun > 5:
                break
        return last - begun

    def latency(self):
        """The slowest of ten small questions of somebody else, in seconds."""
        slowest = 0
        for _ in range(10):
            begun = time.monotonic()
            self.ask()
            slowest = max(slowest, time.monotonic() - begun)
        return slowest

    def check_ends(self, times, before, more_mb):
        """`times` has for each way of going the seconds until the processor was free; `before` is the memory before all."""
        everything = [value for own in times.values() for value in own]
        for kind, own in times.items():
            self.check(f"{kind}: {len(own)} tries, processor free after {percentile(own, .5):.3f} s (median), "
                       f"{percentile(own, .99):.3f} s (99th per cent)", percentile(own, .99) < 0.5)
        slowest = percentile(everything, .99)
        self.check(f"all {len(everything)} tries: {slowest:.3f} s (99th per cent)", slowest < 0.5)
        self.check(f"memory {before:.0f} MB before, {self.memory_mb():.0f} MB after", self.memory_mb() < before + more_mb)

    def check_slow(self, before, more_mb):
        """Slow readers have just begun: others are answered, now and once the server has settled."""
        at_once = self.latency()
        self.quiet_after(time.monotonic())
        slowest = self.latency()
        self.check(f"50 readers that read nothing: {self.memory_mb() - before:.0f} MB, another is answered within {at_once:.3f} s "
                   f"while they begin and {slowest:.3f} s after", self.memory_mb() < before + more_mb and slowest < 1)

    def check_malformed(self, what, begun, before, more_mb):
        """`what` was sent, from `begun` on."""
        slowest = self.latency()
        self.check(f"{what} in {time.monotonic() - begun:.1f} s: {self.memory_mb() - before:.0f} MB more, another is answered within "
                   f"{slowest:.3f} s", slowest < 1 and self.memory_mb() < before + more_mb)


def on_threads(count, work):
    """Does `work(number)` on so many threads, and waits for all."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


def open_many(connect):
    """A thousand connections, opened by ten threads."""
    connections = []
    on_threads(10, lambda _: connections.extend([connect() for _ in range(CONNECTIONS // 10)]))
    return connections


def run(parts, names):
    """Runs the parts with these names; all of them where none is named."""
    by_name = {part.__name__: part for part in parts}
    for name in names or by_name:
        by_name[name]()
