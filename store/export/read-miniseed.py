"""Reads miniSEED with nothing but Python, after chapter 8 of the SEED 2.4 manual; knows nothing of Plumbline.

One line of JSON for each record of standard input: its codes, start (UTC ns), rates, and samples.
"""

import calendar
import json
import struct
import sys

INT32 = 3


def blockettes(record, first):
    """Type and body of each blockette; the chain ends where the next one is said to be at 0."""
    at = first
    while at:
        kind, following = struct.unpack_from(">HH", record, at)
        yield kind, record[at + 4 :]
        at = following


def rate_of(factor, multiplier):
    """Fields 10 and 11 of the fixed section."""
    if factor == 0 or multiplier == 0:
        return 0.0
    rate = float(factor) if factor > 0 else -1.0 / factor
    return rate * multiplier if multiplier > 0 else -rate / multiplier


def start_of(record, micros):
    """BTIME: year, day of year, hour, minute, second, one byte unused, ticks of 0.1 ms."""
    year, day, hour, minute, second, ticks = struct.unpack_from(">HHBBBxH", record, 20)
    seconds = calendar.timegm((year, 1, 1, hour, minute, second)) + (day - 1) * 86_400
    return seconds * 10**9 + ticks * 100_000 + micros * 1_000


def read(stream):
    while True:
        head = stream.read(48)
        if not head:
            return
        if len(head) < 48 or head[6:7] not in b"DRQM":
            raise ValueError(f"no record: {head!r}")
        head += stream.read(80)
        n, factor, multiplier, count, data_at, first = struct.unpack_from(">HhhxxxBxxxxHH", head, 30)
        micros, length, encoding, big, actual, seen = 0, None, None, True, None, 0
        for kind, body in blockettes(head, first):
            seen += 1
            if kind == 1000:
                encoding, big, length = body[0], body[1] == 1, 2 ** body[2]
            elif kind == 1001:
                micros = struct.unpack_from("b", body, 1)[0]
            elif kind == 100:
                actual = struct.unpack_from(">f", body)[0]
        if seen != count:
            raise ValueError(f"{count} blockettes were promised, {seen} found")
        if encoding != INT32:
            raise ValueError(f"encoding {encoding}")
        record = head + stream.read(length - len(head))
        samples = struct.unpack_from(f"{'>' if big else '<'}{n}i", record, data_at)
        text = lambda start, end: record[start:end].decode("ascii").strip()
        yield {
            "sequence": int(record[:6]),
            "id": ".".join([text(18, 20), text(8, 13), text(13, 15), text(15, 18)]),
            "start_ns": str(start_of(record, micros)),
            "rate_hz": rate_of(factor, multiplier),
            "actual_hz": actual,
            "samples": samples,
        }


for one in read(sys.stdin.buffer):
    print(json.dumps(one))
