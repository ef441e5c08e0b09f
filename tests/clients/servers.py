"""What the door bears: cancels, clients that go, very many connections, slow readers, sockets that say nothing, and
messages that are none. The server must run on this machine and let 1,200 people in (`--connections 1200`).

python servers.py PORT USER PASSWORD DATABASE PROCESS [TRIES [PART...]]    parts: ends, many, slow, silent, malformed
"""

import os
import random
import socket
import struct
import sys
import time

import psycopg

from trial import Trial, open_many, percentile, run

port, user, password, database = int(sys.argv[1]), *sys.argv[2:5]
process, tries = int(sys.argv[5]), int(sys.argv[6]) if len(sys.argv) > 6 else 500
LONG = "select count(*) from contacts a cross join contacts b where a.contact_id < b.contact_id"


def connect():
    return psycopg.connect(
        host="127.0.0.1", port=port, user=user, password=password, dbname=database, autocommit=True, connect_timeout=60)


def raw(connection):
    """The bare socket of a connection that is in."""
    bare = socket.socket(fileno=os.dup(connection.fileno()))
    bare.setblocking(True)
    return bare


def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


def asked(sql):
    return message(b"Q", sql.encode() + b"\0")


other = connect()
other.execute("select count(*) from contacts")


def asks():
    assert other.execute("select 1").fetchone() == (1,)


trial = Trial(process, asks)


def ends():
    times = {"cancel": [], "gone before a row": [], "gone at the first row": [], "gone in the middle": []}
    answers = []
    before = trial.memory_mb()
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
        times[kind].append(trial.quiet_after(begun))
        bare.close()
        c.close()
    trial.check(f"cancels were answered within {percentile(answers, .99):.3f} s (99th per cent)", percentile(answers, .99) < 0.5)
    trial.check_ends(times, before, 500)


def many():
    before, begun = trial.memory_mb(), time.monotonic()
    open_now = open_many(connect)
    took = time.monotonic() - begun
    slowest = trial.latency()
    answered = sum(c.execute("select 2").fetchone() == (2,) for c in open_now)
    trial.check(f"{len(open_now)} connections in {took:.1f} s, {answered} answered, {trial.memory_mb() - before:.0f} MB, "
          f"another is answered within {slowest:.3f} s", answered == 1000 and slowest < 1)
    [c.close() for c in open_now]
    while trial.memory_mb() > before + 200 and time.monotonic() - begun < 120:
        time.sleep(0.5)
    trial.quiet_after(time.monotonic())


def slow():
    before = trial.memory_mb()
    slow = [connect() for _ in range(50)]
    bare = [raw(c) for c in slow]
    [b.sendall(asked("select * from contacts")) for b in bare]
    trial.check_slow(before, 1000)
    [b.close() for b in bare]
    [c.close() for c in slow]


def silent():
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(1000)]
    begun = time.monotonic()
    connect().close()
    took = time.monotonic() - begun
    trial.check(f"{len(silent)} sockets that say nothing: another comes in after {took:.3f} s and is answered within {trial.latency():.3f} s",
          took < 2)
    [s.close() for s in silent]


def malformed():
    before, sent, begun = trial.memory_mb(), 0, time.monotonic()
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
    trial.check_malformed(f"{sent} malformed messages", begun, before, 500)


run([ends, many, slow, silent, malformed], sys.argv[7:])
sys.exit(trial.failed)
