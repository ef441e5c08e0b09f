"""What the door bears: cancels, clients that go, very many connections, slow readers, sockets that say nothing, and
messages that are none. The server must run on this machine and let 1,200 people in (`--connections 1200`).

python servers.py PORT USER PASSWORD DATABASE PROCESS [TRIES [PART...]]    parts: ends, many, slow, silent, malformed
"""

import os
import random
import socket
import struct
import sys
import threading
import time

import psycopg

port, user, password, database = int(sys.argv[1]), *sys.argv[2:5]
process, tries = int(sys.argv[5]), int(sys.argv[6]) if len(sys.argv) > 6 else 500
parts = sys.argv[7:] or ["ends", "many", "slow", "silent", "malformed"]
TICKS = os.sysconf("SC_CLK_TCK")
LONG = "select count(*) from contacts a cross join contacts b where a.contact_id < b.contact_id"
failed = False


def connect():
    return psycopg.connect(
        host="127.0.0.1", port=port, user=user, password=password, dbname=database, autocommit=True, connect_timeout=60)


def processor_seconds():
    fields = open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb():
    return next(int(line.split()[1]) for line in open(f"/proc/{process}/status") if line.startswith("VmRSS")) / 1024


def quiet_after(begun):
    """Seconds from `begun` until the server worked for the last time, as its clock ticks tell."""
    last, worked = begun, processor_seconds()
    while time.monotonic() - last < 0.08:
        time.sleep(0.005)
        if (now := processor_seconds()) != worked:
            last, worked = time.monotonic(), now
        if last - begun > 5:
            break
    return last - begun


def raw(connection):
    """The bare socket of a connection that is in."""
    bare = socket.socket(fileno=os.dup(connection.fileno()))
    bare.setblocking(True)
    return bare


def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


def asked(sql):
    return message(b"Q", sql.encode() + b"\0")


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def check(text, holds):
    global failed
    failed |= not holds
    print(("ok      " if holds else "FAILED  ") + text, flush=True)


def latency():
    """The slowest of ten small questions of somebody else, in seconds."""
    slowest = 0
    for _ in range(10):
        begun = time.monotonic()
        assert other.execute("select 1").fetchone() == (1,)
        slowest = max(slowest, time.monotonic() - begun)
    return slowest


other = connect()
other.execute("select count(*) from contacts")


def ends():
    times = {"cancel": [], "gone before a row": [], "gone at the first row": [], "gone in the middle": []}
    answers = []
    before = memory_mb()
    for at in range(tries):
        kind = list(times)[at % len(times)]
        c = connect()
        bare = raw(c)
        bare.sendall(asked(LONG if at % 4 < 2 else "select * from contacts a cross join contacts b"))
        if at % 4 < 2:
            time.sleep(random.uniform(0.01, 0.1))
        elif at % 4 == 2:
            bare.recv(1)
        else:
            for _ in range(20):
                bare.recv(1 << 14)
        begun = time.monotonic()
        if kind == "cancel":
            c.pgconn.get_cancel().cancel()
            assert bare.recv(1 << 16)
            answers.append(time.monotonic() - begun)
        else:
            bare.shutdown(socket.SHUT_RDWR)
        times[kind].append(quiet_after(begun))
        bare.close()
        c.close()
    for kind, own in times.items():
        check(f"{kind}: {len(own)} tries, processor free after {percentile(own, .5):.3f} s (median), "
              f"{percentile(own, .99):.3f} s (99th per cent)", percentile(own, .99) < 0.5)
    everything = [value for own in times.values() for value in own]
    check(f"all {len(everything)} tries: {percentile(everything, .99):.3f} s (99th per cent)", percentile(everything, .99) < 0.5)
    check(f"cancels were answered within {percentile(answers, .99):.3f} s (99th per cent)", percentile(answers, .99) < 0.5)
    check(f"memory {before:.0f} MB before, {memory_mb():.0f} MB after", memory_mb() < before + 500)


def many():
    before, begun = memory_mb(), time.monotonic()
    open_now, lock = [], threading.Lock()


    def opens(count):
        for _ in range(count):
            c = connect()
            with lock:
                open_now.append(c)


    threads = [threading.Thread(target=opens, args=(100,)) for _ in range(10)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    took = time.monotonic() - begun
    slowest = latency()
    answered = sum(c.execute("select 2").fetchone() == (2,) for c in open_now)
    check(f"{len(open_now)} connections in {took:.1f} s, {answered} answered, {memory_mb() - before:.0f} MB, "
          f"another is answered within {slowest:.3f} s", answered == 1000 and slowest < 1)
    [c.close() for c in open_now]
    while memory_mb() > before + 200 and time.monotonic() - begun < 120:
        time.sleep(0.5)
    quiet_after(time.monotonic())


def slow():
    before = memory_mb()
    slow = [connect() for _ in range(50)]
    bare = [raw(c) for c in slow]
    [b.sendall(asked("select * from contacts")) for b in bare]
    at_once = latency()
    quiet_after(time.monotonic())
    slowest = latency()
    check(f"50 readers that read nothing: {memory_mb() - before:.0f} MB, another is answered within {at_once:.3f} s while they "
          f"begin and {slowest:.3f} s after", memory_mb() < before + 1000 and slowest < 1)
    [b.close() for b in bare]
    [c.close() for c in slow]


def silent():
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(1000)]
    begun = time.monotonic()
    connect().close()
    took = time.monotonic() - begun
    check(f"{len(silent)} sockets that say nothing: another comes in after {took:.3f} s and is answered within {latency():.3f} s",
          took < 2)
    [s.close() for s in silent]


def malformed():
    before, sent, begun = memory_mb(), 0, time.monotonic()
    random.seed(1)
    goal = tries * 200
    while sent < goal:
        if sent % 100 < 50:
            body = random.randbytes(random.randrange(64))
            first = random.choice([body, struct.pack("!i", len(body) + 4) + body, struct.pack("!ii", len(body) + 8, 196608) + body])
            with socket.create_connection(("127.0.0.1", port)) as s:
                try:
                    s.sendall(first)
                except OSError:
                    pass
            sent += 1
            continue
        # Whole messages of somebody who is in, until one of them ends the connection.
        c = connect()
        bare = raw(c)
        for _ in range(50):
            body = bytes(random.randrange(4) for _ in range(random.randrange(40)))
            try:
                bare.sendall(message(random.choice([b"Q", b"P", b"B", b"D", b"E", b"C", b"H", b"S", b"d", b"F", b"\0"]), body))
            except OSError:
                pass
            sent += 1
        bare.close()
        c.close()
    slowest = latency()
    check(f"{sent} malformed messages in {time.monotonic() - begun:.1f} s: {memory_mb() - before:.0f} MB, another is answered "
          f"within {slowest:.3f} s", slowest < 1 and memory_mb() < before + 500)


for part in parts:
    {"ends": ends, "many": many, "slow": slow, "silent": silent, "malformed": malformed}[part]()
sys.exit(failed)
