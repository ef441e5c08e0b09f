"""What the pages bear: people who go before their answer has come, studies that are stopped, very many connections, slow
readers, sockets that say nothing or half of something, and requests that are none.

python front.py STORE [--virta PATH] [--key FILE] [--tries 500] [PART...]    parts: ends, stops, many, slow, silent, malformed

Opens STORE by `virta open`, with so little memory that rolling windows read contacts from the disk. A study `front-stops` is
run and stopped: it must not be there after. Needs nothing but Python; the machine should do nothing else.
"""

import argparse
import http.client
import pathlib
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

from trial import CONNECTIONS, Trial, on_threads, open_many, percentile, run

parser = argparse.ArgumentParser()
parser.add_argument("store")
parser.add_argument("--virta", default="target/release/virta")
parser.add_argument("--key")
parser.add_argument("--tries", type=int, default=500)
parser.add_argument("--memory-limit", default="64MB")
parser.add_argument("parts", nargs="*")
args = parser.parse_intermixed_args()

errors = tempfile.TemporaryFile("w+")
command = [args.virta, "open", args.store, "--no-browser", "--json", "--memory-limit", args.memory_limit]
server = subprocess.Popen(command + (["--key", args.key] if args.key else []), stdout=subprocess.PIPE, stderr=errors, text=True)
address = urllib.parse.urlparse(next(filter(None, (re.search(r'http[^"\s]+', line) for line in server.stdout))).group())
host = f"{address.hostname}:{address.port}"
cookie = None


def connect(timeout=60):
    return http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)


def ask(path, method="GET", body=None, connection=None):
    """Status, headers and text of an answer; redirects are not followed."""
    c = connection or connect()
    headers = {"Cookie": cookie} if cookie else {}
    if method == "POST":
        headers |= {"Origin": f"http://{host}", "Content-Type": "application/x-www-form-urlencoded"}
    c.request(method, path, body, headers)
    answer = c.getresponse()
    text = answer.read().decode(errors="replace")
    if connection is None:
        c.close()
    return answer.status, answer.headers, text


cookie = ask(f"/?{address.query}")[1]["Set-Cookie"].split(";")[0]


def asks():
    assert ask("/studies")[0] == 200


trial = Trial(server.pid, asks)


def head(path):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode()


def bare(sent=b""):
    s = socket.create_connection((address.hostname, address.port))
    s.sendall(sent)
    return s


ask("/studies")
years = re.findall(r'name="p" value="(\d+)"', ask("/cohort?lang=en&s=4&n=3")[2])
print(f"store with the years {' '.join(years)}; {trial.memory_mb():.0f} MB once a period is open", flush=True)


def rolling():
    """A definition that is held against every contact."""
    return f"/cohort/live?s=4&n={random.randrange(1, 6)}&amin=18&amax=64&r={random.randrange(30, 400)}"


def ends():
    begun = time.monotonic()
    assert "data-members" in ask(rolling())[2]
    whole = time.monotonic() - begun
    print(f"a look at all contacts takes {whole:.2f} s", flush=True)
    times = {"gone while it is made": [], "gone at the first byte": [], "gone in the middle": [], "gone at the last byte": []}
    before = trial.memory_mb()
    random.seed(1)
    for at in range(args.tries):
        kind = list(times)[at % len(times)]
        s = bare(head(rolling()))
        if kind == "gone while it is made":
            time.sleep(random.uniform(0, whole))
        else:
            got = s.recv(1)
            while kind != "gone at the first byte" and got:
                got = s.recv(1 << (10 if kind == "gone in the middle" else 16))
                if kind == "gone in the middle" or b"</section>" in got[-300:]:
                    break
        begun = time.monotonic()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        s.close()
        times[kind].append(trial.quiet_after(begun))
    trial.check_ends(times, before, 200)


def files():
    store = pathlib.Path(args.store)
    return {(str(path.relative_to(store)), path.stat().st_size) for path in store.rglob("*") if path.is_file() and not path.name.startswith("lock")}


def stops():
    """Studies are stopped at any time: the store is as before, and the processor is free."""
    query = urllib.parse.quote("s=4&n=3&amin=18&amax=64" + "".join(f"&p={year}" for year in years[-2:]) + f"&y={years[-1]}")
    before, times, done = files(), [], 0
    random.seed(2)
    for _ in range(max(1, args.tries // 10)):
        _, headers, _ = ask("/run", "POST", f"name=front-stops&query={query}")
        page = headers["Location"]
        time.sleep(random.uniform(0, 0.4))
        begun = time.monotonic()
        assert ask(f"{page}/stop", "POST", "")[0] == 303
        times.append(trial.quiet_after(begun))
        text = ask(f"{page}?lang=en")[2]
        done += "The study is done" in text
        assert "Stopped" in text or "The study is done" in text, text
        if "The study is done" in text:
            before = files()
        assert files() == before, files() ^ before
    trial.check(f"studies stopped from their pages: {len(times)} tries ({done} were done before), processor free after "
          f"{percentile(times, .5):.3f} s (median), {percentile(times, .99):.3f} s (99th per cent), files as before",
          percentile(times, .99) < 0.5)


def many():
    before, begun = trial.memory_mb(), time.monotonic()

    def opens():
        c = connect()
        assert ask("/studies", connection=c)[0] == 200
        return c

    open_now = open_many(opens)
    took, slowest = time.monotonic() - begun, trial.latency()
    trial.check(f"{len(open_now)} connections in {took:.1f} s, {trial.memory_mb() - before:.0f} MB more, another is answered within "
          f"{slowest:.3f} s", len(open_now) == CONNECTIONS and slowest < 1)
    [c.close() for c in open_now]


def slow():
    before = trial.memory_mb()
    readers = []
    for _ in range(50):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect((address.hostname, address.port))
        # Several large pages that are never read.
        s.sendall(head("/cohort?s=4&n=3&lang=en") * 4)
        readers.append(s)
    trial.check_slow(before, 200)
    [s.close() for s in readers]


def silent():
    half = head("/studies")[:-2]
    sockets = [bare(half if at % 2 else b"") for at in range(1000)]
    begun = time.monotonic()
    ask("/studies")
    took, slowest = time.monotonic() - begun, trial.latency()
    trial.check(f"{len(sockets)} sockets that say nothing or half of it: another comes in after {took:.3f} s and is answered within "
          f"{slowest:.3f} s", took < 2 and slowest < 1)
    time.sleep(20)
    [s.setblocking(False) for s in sockets]
    closed = 0
    for s in sockets:
        try:
            while s.recv(1 << 16):
                pass
            closed += 1
        except BlockingIOError:
            pass
        except OSError:
            closed += 1
    trial.check(f"{closed} of them are closed after 20 s", closed == len(sockets))
    [s.close() for s in sockets]


def malformed():
    before, begun = trial.memory_mb(), time.monotonic()
    random.seed(3)
    goal = args.tries * 200
    kinds = [
        lambda: random.randbytes(random.randrange(1, 200)),
        lambda: b"GET " + random.randbytes(random.randrange(80)) + b" HTTP/1.1\r\nHost: " + host.encode() + b"\r\n\r\n",
        lambda: head("/cohort/live?" + "".join(random.choice("snpyqred=&%;+0123456789\"'<>/") for _ in range(random.randrange(200)))),
        lambda: head(f"/studies/{'%' * random.randrange(9)}{random.choice(['..', '%00', '%ff%fe', '%2e%2e%2f'])}"),
        lambda: f"POST /run HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nOrigin: http://{host}\r\nContent-Length: {random.choice(['-1', '9' * 30, 'x', '5'])}\r\n\r\nquery".encode(),
        lambda: f"GET / HTTP/1.1\r\nHost: {host}\r\nCookie: {'virta=' * random.randrange(50)}{'a' * random.randrange(9000)}\r\n\r\n".encode(),
        lambda: f"{random.choice(['PUT', 'TRACE', 'BREW', 'PRI'])} * HTTP/{random.choice(['2.0', '1.1', '9.9'])}\r\nHost: {host}\r\n\r\n".encode(),
        lambda: f"GET / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nzzzz\r\n".encode(),
    ]

    def sends(seed):
        own = random.Random(seed)
        for _ in range(goal // 8):
            try:
                with socket.create_connection((address.hostname, address.port), timeout=20) as s:
                    s.sendall(own.choice(kinds)())
                    s.shutdown(socket.SHUT_WR)
                    while s.recv(1 << 16):
                        pass
            except OSError:
                pass

    on_threads(8, sends)
    trial.check_malformed(f"{goal} malformed requests", begun, before, 200)


try:
    run([ends, stops, many, slow, silent, malformed], args.parts)
    trial.check("the server lives", server.poll() is None)
finally:
    server.terminate()
    server.wait()
errors.seek(0)
trial.check("nothing panicked", "panicked" not in errors.read())
sys.exit(trial.failed)
