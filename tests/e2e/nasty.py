# SPDX-License-Identifier: ISC
"""200 messages of every nasty kind, CRLF lines, deterministic."""
import random

HEAD = b"From: a@test.example\r\nSubject: nasty %d\r\n"


def _bodies(rng):
    yield b""
    yield b"\r\n"
    yield b"\r\n\r\n\r\n"
    yield b"no line end"
    yield b".\r\n"
    yield b"..\r\n...\r\n.x\r\n. \r\n"
    yield b"\r\n.\r\n"[2:]
    yield b"a\r\n..\r\n"
    yield b"From here on\r\n"
    yield b"text\r\n\r\nFrom alice@example.org Mon Nov 23 07:15:03 2026\r\n\r\nx\r\n"
    yield b">From quoted\r\n>>From twice\r\n>>>>>From\r\n>From\r\nFrom\r\n"
    yield b"\r\n\r\nFrom MAILER-DAEMON Mon Nov 23 07:15:03 2026\r\n"
    yield b"From \r\nFrom  \r\n From x\r\n"
    yield b"X" * 998 + b"\r\n"
    yield b"X" * 999 + b"\r\n"
    yield b"Y" * 100_000 + b"\r\n"
    yield b"." * 70_000 + b"\r\n"
    yield b">" * 70_000 + b"From x\r\n"
    yield b"\0\r\n"
    yield b"a\0b\0\0\r\n\0"
    yield bytes(b for b in range(256) if b not in (10, 13)) + b"\r\n"
    yield b"\xff\xfe\x00\x01" * 5000 + b"\r\n"
    yield "Grüße, 你好, 🙂\r\n".encode() * 50
    yield b"\xc0\xaf\xed\xa0\x80\r\n"
    yield b"Content-Length: 3\r\n\r\nmore than three\r\n"
    yield b" leading blank\r\n\ttab\r\ntrailing blank \r\n\t\r\n"
    yield b"\x1b[31mterminal\x1b[0m\x07\r\n"
    yield b"--boundary\r\n--boundary--\r\n"
    yield b"\r\n".join(b"%d" % i for i in range(20_000))
    yield b".\r\n".join(b"" for _ in range(2000))
    for size in (4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 65537,
                 262143, 262144, 262145):
        yield (b"z" * 78 + b"\r\n") * (size // 80) + b"q" * (size % 80)
    while True:
        words = [b"From ", b">", b".", b"\r\n", b"\0", b"x", b"\xe9", b" ",
                 b"\r\n\r\n", b"Y" * rng.randrange(1, 2000), b"\r\n.",
                 b"\r\nFrom "]
        yield b"".join(rng.choice(words)
                       for _ in range(rng.randrange(1, 400)))


def messages(count=200):
    """(message, may be without line end at its end) …"""
    rng = random.Random(5321)
    out = []
    # what is not header and body at all
    out.append(b"")
    out.append(b"\r\n")
    out.append(b"Subject: header only\r\n")
    out.append(b"Subject: header only, no line end")
    out.append(b"Subject: header and the empty line\r\n\r\n")
    out.append(b"no header, just text\r\nand more\r\n")
    out.append(b"From nobody Mon Nov 23 07:15:03 2026\r\nSubject: x\r\n\r\ny\r\n")
    out.append(b">From nobody\r\nSubject: x\r\n\r\ny\r\n")
    out.append(b"Subject: folded\r\n over\r\n\tlines\r\n\r\nbody\r\n")
    out.append(b"Subject: no empty line\r\nbody at once\r\nX: y\r\n")
    out.append(b"\r\n\r\nbegins with empty lines\r\n")
    out.append(b"X: " + b"h" * 200_000 + b"\r\n\r\nlong header\r\n")
    out.append(b"".join(b"X-%d: y\r\n" % i for i in range(3000)) + b"\r\nz\r\n")
    out.append(b"Status: RO\r\nX-UID: 7\r\nContent-Length: 1\r\n\r\nkeep\r\n")
    out.append(b".\r\n" * 3)
    for number, body in enumerate(_bodies(rng)):
        if len(out) == count - 1:
            break
        out.append(HEAD % number + b"\r\n" + body)
    # 25 MiB
    line = bytes(rng.randrange(33, 127) for _ in range(76)) + b"\r\n"
    out.append(HEAD % 999 + b"\r\n" + line * (25 * 1024 * 1024 // 78))
    return out


def expected(message):
    """What must come out: a missing last line end is added."""
    if message and not message.endswith(b"\r\n"):
        return message + b"\r\n"
    return message
