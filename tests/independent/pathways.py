#!/usr/bin/env python3
"""Paths through eras and combinations, told once more in Python and compared with a study's table.

    python3 tests/independent/pathways.py PROGRAM [--people 3000] [--seed 1]

Makes random contacts and stays of so many people, ingests them, runs a study for each of the settings below, and
works every path out from the rules alone: from the contacts as SQL gives them, one client after another, without
anything that the program has worked out besides who is a member. Ends with 1 where a row differs, is missing or is
there for nothing.
"""

import argparse
import csv
import io
import itertools
import random
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

PERIODS = {"2013": (date(2013, 1, 1), date(2013, 12, 31)), "2014": (date(2014, 1, 1), date(2014, 12, 31))}
EXTRACTED = date(2015, 1, 31)
SERVICES = ["a", "b", "ba", "c", "d", "e"]
DEFAULTS = dict(
    services=[], window=None, min_days=0, merge_gap_days=30, combine_days=30, switch="truncate", min_piece_days=0,
    steps="changes", max_steps=5, show_none=False,
)
SETTINGS = [
    {},
    {"switch": "keep", "steps": "all", "max_steps": 9},
    {"merge_gap_days": 0, "combine_days": 0, "steps": "all", "max_steps": 12},
    {"merge_gap_days": 3, "combine_days": 5, "min_piece_days": 2, "steps": "first"},
    {"min_days": 2, "merge_gap_days": 10, "combine_days": 14, "show_none": True},
    {"services": ["a", "ba", "d"], "show_none": True, "combine_days": 7, "switch": "keep"},
    {"window": ("period_start", 120), "merge_gap_days": 5, "combine_days": 9},
    {"window": ("first_contact", 200), "combine_days": 3, "steps": "all", "max_steps": 3},
    {"window": ("c", 90), "merge_gap_days": 1, "combine_days": 20, "min_piece_days": 4, "switch": "keep"},
    {"window": ("qualified_on", 150), "merge_gap_days": 7, "combine_days": 10, "steps": "first", "show_none": True},
]


def contacts_of(people, chance):
    """Rows of client, service, first day and last day, which is empty where a stay is open."""
    for person in range(people):
        for _ in range(chance.choice([0, 1, 2, 4, 8, 16, 30])):
            first = date(2012, 11, 1) + timedelta(chance.randrange(800))
            # Many on the same few days, so that ends meet and days are shared.
            if chance.random() < 0.4:
                first = first.replace(day=chance.choice([1, 8, 15]))
            length = chance.choice([0, 0, 0, 1, 2, 3, 5, 7, 14, 31, 90])
            last = min(first + timedelta(length), EXTRACTED)
            is_open = chance.random() < 0.01
            yield f"p{person:05}", chance.choice(SERVICES), first, None if is_open else last


def overlaps(contacts, window):
    """The days of contacts inside a window, both ends included."""
    for service, first, last in contacts:
        if first <= window[1] and last >= window[0]:
            yield service, max(first, window[0]), min(last, window[1])


def eras_of(contacts, settings):
    gap = timedelta(settings["merge_gap_days"])
    eras = []
    for service in SERVICES:
        era = None
        for first, last in sorted((first, last) for other, first, last in contacts if other == service):
            if era and first <= era[1] + gap:
                era[1] = max(era[1], last)
            else:
                era = [first, last, service]
                eras.append(era)
    return sorted(map(tuple, eras))


def groups_of(eras):
    """Eras that overlap, directly or through others."""
    group, end = [], None
    for era in eras:
        if group and era[0] < end:
            group.append(era)
            end = max(end, era[1])
        else:
            if group:
                yield group
            group, end = [era], era[1]
    if group:
        yield group


def pieces_of(group, settings):
    """First day, last day and services of each piece of eras that overlap."""
    stretches = []
    days = sorted({day for era in group for day in era[:2]})
    for day, following in itertools.zip_longest(days, days[1:]):
        around = [era for era in group if era[0] < day < era[1]]
        stretches += [(day, day, around + [era]) for era in group if era[0] == era[1] == day]
        if following:
            stretches.append((day, following, [era for era in group if era[0] <= day and era[1] >= following]))
    pieces, alone = [], {}

    def end(era):
        if era in alone:
            pieces.append((*alone.pop(era), (era[2],)))

    def go_on(era, first, last):
        if era in alone and alone[era][1] == first:
            alone[era] = (alone[era][0], last)
        else:
            end(era)
            alone[era] = (first, last)

    for first, last, active in stretches:
        is_whole = any(era[:2] == (first, last) for era in active)
        if len(active) == 1:
            go_on(active[0], first, last)
        elif len(active) > 1 and (last - first).days < settings["combine_days"] and not is_whole:
            newest = max(active)
            for era in active:
                if era == newest or settings["switch"] == "keep":
                    go_on(era, first, last)
                else:
                    end(era)
        elif len(active) > 1:
            for era in active:
                end(era)
            pieces.append((first, last, tuple(sorted(era[2] for era in active))))
    for era in group:
        end(era)
    return [piece for piece in pieces if (piece[1] - piece[0]).days >= settings["min_piece_days"]]


def path_of(contacts, window, settings):
    """The path, its number of steps, and whether labels alone put steps in order that make it."""
    wanted = [
        (service, first, last)
        for service, first, last in overlaps(contacts, window)
        if (not settings["services"] or service in settings["services"])
        and (last - first).days + 1 >= settings["min_days"]
    ]
    pieces = []
    for group in groups_of(eras_of(wanted, settings)):
        pieces += pieces_of(group, settings) if len(group) > 1 else [(*group[0][:2], (group[0][2],))]
    steps = sorted((first, last, "+".join(services).encode()) for first, last, services in pieces)
    taken = []
    for place, (_, _, label) in enumerate(steps):
        labels = [steps[other][2] for other in taken]
        if settings["steps"] == "changes" and labels[-1:] == [label]:
            continue
        if settings["steps"] == "first" and label in labels:
            continue
        if len(taken) == settings["max_steps"]:
            break
        taken.append(place)
    path = b"-".join(steps[place][2] for place in taken).decode() or "none"
    # Those that make the path are the steps up to the last one taken, and those with the same days as it.
    last = taken[-1] if taken else 0
    making = [step for place, step in enumerate(steps) if place <= last or step[:2] == steps[last][:2]]
    is_unknown = any(a[:2] == b[:2] and a[2] != b[2] for a, b in zip(making, making[1:]))
    return path, len(taken), is_unknown


def expected(people, members, settings):
    """Clients, and those of unknown order, by cohort, period, path and steps."""
    counts, unknown = Counter(), Counter()
    for client, contacts in people.items():
        for period, window in PERIODS.items():
            used = [(first, service) for service, first, _ in overlaps(contacts, window)]
            if not used:
                continue
            cohorts = {"all": None} | ({"four": members[client, period]} if (client, period) in members else {})
            origin, days = settings["window"] or (None, None)
            for cohort, qualified_on in cohorts.items():
                if origin is None:
                    of_path = window
                else:
                    begins = {
                        "period_start": [window[0]],
                        "first_contact": [min(used)[0]],
                        "qualified_on": [qualified_on] if qualified_on else [],
                    }.get(origin, sorted(first for first, service in used if service == origin)[:1])
                    if not begins:
                        continue
                    of_path = (begins[0], min(begins[0] + timedelta(days - 1), EXTRACTED))
                path, steps, is_unknown = path_of(contacts, of_path, settings)
                if path == "none" and not settings["show_none"]:
                    continue
                key = cohort, period, path, steps
                counts[key] += 1
                unknown[key] += is_unknown
    return {key: (clients, unknown[key]) for key, clients in counts.items()}


def toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f'{{ from = "{value[0]}", days = {value[1]} }}'
    if isinstance(value, list):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


class Program:
    def __init__(self, program, folder):
        self.program, self.folder = str(Path(program).resolve()), folder

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"virta {' '.join(arguments)}\n{done.stderr}{done.stdout}")
        return done.stdout

    def ask(self, question):
        # The first line begins with the mark of UTF-8 in some formats, which no header has.
        answer = self.run("sql", "store", "--format", "csv", "-c", question).lstrip("\ufeff")
        return list(csv.DictReader(io.StringIO(answer)))


PROFILE = """
[source]
name = "random"
extracted_on = "2015-01-31"
[[file]]
table = "contacts"
path = "contacts.csv"
[file.columns]
client = { from = "client" }
service = { from = "service" }
start_date = { from = "first", format = "iso" }
end_date = { from = "last", format = "iso" }
is_stay = { const = true }
mode = { const = "other" }
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(arguments.program, folder)
        rows = contacts_of(arguments.people, random.Random(arguments.seed))
        lines = [f"{client},{service},{first},{last or ''}\n" for client, service, first, last in rows]
        Path(folder, "contacts.csv").write_text("client,service,first,last\n" + "".join(lines))
        Path(folder, "profile.toml").write_text(PROFILE.replace("[[file]]", 'delimiter = ","\n[[file]]', 1))
        program.run("init", "store")
        program.run("ingest", "store", "profile.toml")
        people = {}
        for row in program.ask("select client_id, service, start_date, end_date from contacts"):
            last = date.fromisoformat(row["end_date"]) if row["end_date"] else EXTRACTED
            stay = row["service"], date.fromisoformat(row["start_date"]), last
            people.setdefault(row["client_id"], []).append(stay)
        compared = 0
        for number, chosen in enumerate(SETTINGS):
            settings = DEFAULTS | chosen
            study = f'[study]\nname = "s{number}"\nperiods = ["2013", "2014"]\n[[cohort]]\nname = "four"\n[flow]\n[pathways]\n'
            study += "".join(f"{key} = {toml(value)}\n" for key, value in chosen.items())
            Path(folder, "study.toml").write_text(study)
            program.run("study", "store", "study.toml")
            members = {
                (row["client_id"], row["period"]): date.fromisoformat(row["qualified_on"])
                for row in program.ask(f"select client_id, period, qualified_on from s{number}.members where cohort = 'four'")
            }
            found = {
                (row["cohort"], row["period"], row["path"], int(row["steps"])): (int(row["clients"]), int(row["order_unknown"]))
                for row in program.ask(f"select cohort, period, path, steps, clients, order_unknown from s{number}.pathways")
            }
            wanted = expected(people, members, settings)
            for key in sorted(found.keys() | wanted.keys()):
                if found.get(key) != wanted.get(key):
                    sys.exit(f"{chosen}: {key}: the study says {found.get(key)}, the rules {wanted.get(key)}")
            if not wanted:
                sys.exit(f"{chosen}: there is nothing to compare")
            compared += len(wanted)
    print(f"{arguments.people} people, {len(SETTINGS)} settings: {compared} rows of paths are equal")


if __name__ == "__main__":
    main()
