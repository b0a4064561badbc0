# SPDX-License-Identifier: ISC
"""Numbered letters that show whether they are whole, and a mailbox read for
them. Every program may quote From_ lines in its own way and add header fields;
nothing else may differ."""
import hashlib
import re

import house

SENDER = b"w@far.example"
FROM = re.compile(rb"^From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) .*\n", re.M)
QUOTED = re.compile(rb"^>+(?=From )", re.M)
WORDS = b"pack my box with five dozen liquor jugs ".split()


class Torn(house.Failure):
    """A letter that is not whole."""


def is_pseudo(data):
    """Dovecot's keeping place in an empty mailbox, which is no letter."""
    return b"\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL" in data


def canonical(body):
    return QUOTED.sub(b"", body.replace(b"\r\n", b"\n")).rstrip(b"\n")


def digest(body):
    return hashlib.sha256(canonical(body)).hexdigest().encode()


def letter(ident, rng, from_lines):
    """LF lines. from_lines: some begin with "From " (only for who quotes)."""
    size = rng.choice((10, 300, 300, 2000, 2000, 2000, 8000, 40000))
    lines, n = [], 0
    while n < size:
        line = b" ".join(rng.choices(WORDS, k=rng.randrange(1, 14)))
        start = rng.randrange(40)
        if start == 0:
            line = b"." + line
        elif start == 1 and from_lines:
            line = b"From " + line
        lines.append(line)
        n += len(line) + 1
    body = b"\n".join(lines) + b"\nend of " + ident + b"\n"
    return (b"From: <%s>\nTo: alice@red.example\nSubject: letter %s\n"
            b"Date: Mon, 23 Nov 2026 07:15:03 +0000\n"
            b"Message-ID: <%s@far.example>\nX-Ident: %s\nX-Digest: %s\n\n%s"
            % (SENDER, ident, ident, ident, digest(body), body))


def read(data):
    """The ident of a whole letter (without From_ line); else a failure."""
    head, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = dict(line.split(b": ", 1) for line in head.split(b"\n")
                  if b": " in line and not line.startswith((b" ", b"\t")))
    ident = fields.get(b"X-Ident")
    if not ident or fields.get(b"X-Digest") != digest(body):
        raise Torn(f"torn: {ident} {data[:400]!r} … {data[-200:]!r}")
    house.want(fields.get(b"Subject") == b"letter " + ident,
               f"mixed up: {head!r}")
    return ident


def read_all(data):
    """{ident: letter} of an mbox; a failure where anything else is."""
    starts = list(FROM.finditer(data))
    house.want(not data or (starts and starts[0].start() == 0),
               f"the mailbox begins with {data[:200]!r}")
    found = {}
    for m, after in zip(starts, [*starts[1:], None]):
        end = after.start() if after else len(data)
        house.want(data[end - 2:end] == b"\n\n",
                   f"no empty line before {data[end - 100:end + 100]!r}")
        text = data[m.end():end]
        if m.start() == 0 and is_pseudo(text):
            continue
        ident = read(text)
        house.want(ident not in found, f"twice: {ident}")
        found[ident] = text
    return found
