# SPDX-License-Identifier: ISC
"""The pieces of work, as dialogues over a connected socket."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import house  # noqa: E402  pylint: disable=wrong-import-position

BODY = b"Subject: bench\r\n\r\n" + (b"x" * 78 + b"\r\n") * 51  # 4 KiB


def connection(sock):
    with house.Dialogue(sock) as d:
        d.smtp(None, 220)
        d.smtp(b"EHLO bench.example", 250)
        d.smtp(b"QUIT", 221)


def message(sock):
    with house.Dialogue(sock) as d:
        d.smtp(None, 220)
        reply = house.submit(d, b"bench@bench.example",
                             [b"alice@red.example"], BODY)
        house.want(reply.startswith(b"250"), f"{reply!r}")
        d.smtp(b"QUIT", 221)


def login(sock):
    with house.Dialogue(sock) as d:
        house.login(d, b"alice", b"secret")
        d.pop(b"STAT")
        d.pop(b"QUIT")


def retrieve(sock):
    with house.Dialogue(sock) as d:
        house.login(d, b"alice", b"secret")
        d.pop(b"RETR 1")
        size = len(d.pop_lines())
        house.want(size > 1 << 20, f"{size} octets came")
        d.pop(b"QUIT")


def mailbox(path, count, lines=10):
    """An mbox of `count` messages of `lines` lines of 78."""
    with open(path, "wb") as f:
        for i in range(count):
            f.write(b"From a@b.example Mon Nov 23 07:15:03 2026\n"
                    b"From: a@b.example\nSubject: %d\n"
                    b"Message-ID: <%d@b.example>\n\n" % (i, i))
            f.write((b"x" * 77 + b"\n") * lines + b"\n")
