# SPDX-License-Identifier: ISC
"""A postern host in a temporary folder, for tests that run the real programs.

Nothing here needs root. Programs are started the way the doors start them: a
connection on standard input and output (a socketpair, or what an accepted
connection is), or a file.
"""
import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

REPORTS = "sanitizer"


class Failure(Exception):
    """A test's expectation did not hold."""


def want(condition, message):
    if not condition:
        raise Failure(message)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Host:
    """One mail host: a folder with configuration, mailboxes and queue."""

    def __init__(self, build, name="red.example", settings=None, users=()):
        self.build = pathlib.Path(build).resolve()
        self.name = name
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="postern-e2e."))
        self.mail = self.dir / "mail"
        self.spool = self.dir / "spool"
        self.conf = self.dir / "postern.conf"
        self.mail.mkdir()
        self.spool.mkdir(mode=0o700)
        for sub in ("tmp", "new", "due", "hosts", "bad"):
            (self.spool / sub).mkdir(mode=0o700)
        for empty in ("users", "passwords", "aliases", "routes"):
            (self.dir / empty).touch(mode=0o640)
        self.configure(settings or {})
        for user, password in users:
            self.add_user(user, password)
        self.listeners = []

    def configure(self, settings):
        base = {
            "host": {"name": self.name},
            "domains": {"local": self.name},
            "users": {
                "file": self.dir / "users",
                "aliases": self.dir / "aliases",
                "system": "no",
            },
            "store": {"directory": self.mail},
            "smtp": {"networks": "127.0.0.0/8"},
            "queue": {
                "directory": self.spool,
                "retry_min": "1 s",
                "retry_max": "2 s",
            },
            "relay": {"routes": self.dir / "routes"},
            "auth": {
                "passwords": self.dir / "passwords",
                "socket": "",
                "program": self.build / "postern-authd",
                "brake": self.dir / "brake",
                "secret": self.dir / "secret",
            },
            "rates": {"file": self.dir / "rates"},
            "greylist": {"file": self.dir / "greylist"},
            "tls": {"certificates": self.dir / "tls" / "*.pem",
                    "directory": self.dir / "published"},
            "log": {"to": "none"},
        }
        for section, keys in settings.items():
            base.setdefault(section, {}).update(keys)
        with open(self.conf, "w", encoding="utf-8") as f:
            for section, keys in base.items():
                f.write(f"[{section}]\n")
                for key, value in keys.items():
                    f.write(f"{key} = {value}\n")

    def is_sanitized(self):
        """Built with sanitizers: slow, without a fence."""
        return b"__asan_init" in (self.build / "postern-smtpd").read_bytes()

    def environment(self, leaks=1):
        env = dict(os.environ)
        reports = self.dir / REPORTS
        env["ASAN_OPTIONS"] = f"log_path={reports}:detect_leaks={leaks}"
        env["UBSAN_OPTIONS"] = f"log_path={reports}:print_stacktrace=1"
        return env

    def program(self, name, *args):
        return [str(self.build / name), "-c", str(self.conf), *args]

    def run(self, name, *args, data=b"", timeout=60, ok=True):
        done = subprocess.run(
            self.program(name, *args), input=data, capture_output=True,
            timeout=timeout, env=self.environment(), check=False,
        )
        if ok:
            want(done.returncode == 0,
                 f"{name} {args} ended with {done.returncode}: "
                 f"{done.stderr.decode(errors='replace')}")
        return done

    def add_user(self, user, password):
        self.run("postern", "user", "add", user,
                 data=password.encode() + b"\n")

    def retry(self, *args, ok=True, timeout=120):
        return self.run("postern-retry", "-v", *args, ok=ok, timeout=timeout)

    def start(self, name, *args):
        """A handler on a socketpair: (process, our end)."""
        ours, theirs = socket.socketpair()
        process = subprocess.Popen(
            self.program(name, *args), stdin=theirs, stdout=theirs,
            stderr=subprocess.DEVNULL, env=self.environment(),
        )
        theirs.close()
        ours.settimeout(60)
        return process, ours

    def listen(self, name, *args, port=0):
        listener = Listener(self, name, args, port)
        self.listeners.append(listener)
        return listener

    def queued(self):
        files = list((self.spool / "new").iterdir())
        for bucket in (self.spool / "due").iterdir():
            files += list(bucket.iterdir())
        return files

    def close(self, keep=False):
        for listener in self.listeners:
            listener.close()
        reports = [p for p in self.dir.iterdir()
                   if p.name.startswith(REPORTS)]
        text = "\n".join(p.read_text(errors="replace") for p in reports)
        # the leak check says so of a process that was killed meanwhile
        text = re.sub(r"==\d+==Unable to get registers from thread \d+\.\n?",
                      "", text).strip()
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        want(not text, "a sanitizer complained:\n" + text)


def has_landlock():
    """landlock_create_ruleset(2), asked for its version."""
    return ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


def listening(path, backlog, port=0):
    """On a Unix socket, or (path: None) on a port of the loopback: the socket,
    and the port or None."""
    if path is None:
        s = socket.create_server(("127.0.0.1", port), backlog=backlog)
        return s, s.getsockname()[1]
    s = socket.socket(socket.AF_UNIX)
    s.bind(str(path))
    s.listen(backlog)
    return s, None


class Door:
    """A TCP port on loopback (path: a Unix socket) whose listening socket a
    program was handed, as systemd does it with Accept=no."""

    def __init__(self, host, name, *args, path=None,
                 stderr=subprocess.DEVNULL, names=None):
        self.socket, self.port = listening(path, 1024)
        self.command = ["sh", "-c", 'export LISTEN_PID=$$; exec "$@"', "sh",
                        *host.program(name, *args)]
        self.environment = host.environment() | {"LISTEN_FDS": "1"}
        if names:
            self.environment["LISTEN_FDNAMES"] = names
        self.stderr = stderr
        self.start()

    def start(self):
        def hand_over():
            os.dup2(self.socket.fileno(), 3)
            os.set_inheritable(3, True)

        self.process = subprocess.Popen(
            self.command, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=self.stderr, close_fds=False,
            preexec_fn=hand_over)

    def close(self):
        self.socket.close()
        self.process.terminate()
        return self.process.wait(30)


class Listener:
    """A TCP port on loopback (path: a Unix socket): one process per connection,
    as inetd does."""

    def __init__(self, host, name, args, port=0, path=None):
        self.host, self.name, self.args = host, name, args
        self.socket, self.port = listening(path, 128, port)
        self.running = set()
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                process = subprocess.Popen(
                    self.host.program(self.name, *self.args),
                    stdin=connection, stdout=connection,
                    stderr=subprocess.DEVNULL, env=self.host.environment(),
                )
            with self.lock:
                self.running.add(process)
            threading.Thread(target=self._reap, args=(process,),
                             daemon=True).start()

    def _reap(self, process):
        process.wait()
        with self.lock:
            self.running.discard(process)

    def settle(self, timeout=60):
        """Wait until no handler runs: a QUIT is answered before the mailbox
        has been moved."""
        until = time.monotonic() + timeout
        while True:
            with self.lock:
                if not self.running:
                    return
            want(time.monotonic() < until, f"{self.name} does not end")
            time.sleep(0.01)

    def kill_one(self, choose):
        """kill -9 one of the running handlers; True if there was one."""
        with self.lock:
            alive = list(self.running)
        if not alive:
            return False
        process = choose(alive)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        return True

    def close(self):
        # shutdown wakes the thread that waits in accept
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)
        with self.lock:
            alive = list(self.running)
        for process in alive:
            process.kill()
        for process in alive:
            process.wait()


class Dialogue:
    """Either protocol, line by line, over a connected socket."""

    def __init__(self, sock):
        self.sock = sock
        self.file = sock.makefile("rb")

    @classmethod
    def dial(cls, port, timeout=60):
        return cls(socket.create_connection(("127.0.0.1", port), timeout))

    def send(self, data):
        self.sock.sendall(data)

    def line(self):
        line = self.file.readline()
        if not line:
            raise ConnectionError("the server closed the connection")
        return line

    def smtp(self, command=None, code=None):
        """Send a command (None: none), read the whole reply."""
        if command is not None:
            self.send(command + b"\r\n")
        text = []
        while True:
            line = self.line()
            text.append(line)
            if line[3:4] != b"-":
                break
        reply = b"".join(text)
        if code is not None:
            want(reply.startswith(str(code).encode()),
                 f"{command!r}: wanted {code}, got {reply!r}")
        return reply

    def pop(self, command=None, ok=True):
        if command is not None:
            self.send(command + b"\r\n")
        line = self.line()
        if ok is not None:
            want(line.startswith(b"+OK" if ok else b"-ERR"),
                 f"{command!r}: got {line!r}")
        return line

    def pop_lines(self):
        """A multi-line answer, dots removed, CRLF kept."""
        out = []
        while True:
            line = self.line()
            if line == b".\r\n":
                return b"".join(out)
            out.append(line[1:] if line.startswith(b".") else line)

    def close(self):
        self.file.close()
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def stuff(message):
    """CRLF message to the form DATA wants, final dot included."""
    if message and not message.endswith(b"\r\n"):
        message += b"\r\n"
    lines = message.split(b"\r\n")
    out = b"\r\n".join(b"." + x if x.startswith(b".") else x for x in lines)
    return out + b".\r\n"


def submit(dialogue, sender, recipients, message, bdat=False, hello=True):
    """One message; the reply to its end."""
    if hello:
        dialogue.smtp(b"EHLO test.example", 250)
    dialogue.smtp(b"MAIL FROM:<" + sender + b"> BODY=8BITMIME", 250)
    for r in recipients:
        dialogue.smtp(b"RCPT TO:<" + r + b">", 250)
    if bdat:
        dialogue.send(b"BDAT %d LAST\r\n" % len(message) + message)
        return dialogue.smtp()
    dialogue.smtp(b"DATA", 354)
    dialogue.send(stuff(message))
    return dialogue.smtp()


def login(dialogue, user, password):
    dialogue.pop()
    dialogue.pop(b"USER " + user)
    return dialogue.pop(b"PASS " + password)


def fetch_all(dialogue, delete=False):
    """Every message as RETR sends it; STAT, LIST and UIDL are held against
    each other on the way."""
    count, octets = map(int, dialogue.pop(b"STAT").split()[1:3])
    dialogue.pop(b"LIST")
    listed = [tuple(map(int, x.split()))
              for x in dialogue.pop_lines().splitlines()]
    dialogue.pop(b"UIDL")
    uids = [x.split()[1] for x in dialogue.pop_lines().splitlines()]
    want(len(listed) == count == len(uids) == len(set(uids)),
         "STAT, LIST and UIDL disagree")
    want(sum(n for _, n in listed) == octets, "LIST does not add up to STAT")
    messages = []
    for number, size in listed:
        dialogue.pop(b"RETR %d" % number)
        message = dialogue.pop_lines()
        want(len(message) == size,
             f"message {number}: LIST says {size}, RETR sent {len(message)}")
        messages.append(message)
        if delete:
            dialogue.pop(b"DELE %d" % number)
    return messages


class Tally:
    """Runs named checks, prints a line for each, and the closing line."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def run(self, name, function, *args):
        began = time.monotonic()
        try:
            function(*args)
        except Exception as e:  # pylint: disable=broad-except
            self.failed += 1
            print(f"not ok - {name}: {type(e).__name__}: {e}", flush=True)
            return False
        self.passed += 1
        print(f"ok - {name} ({time.monotonic() - began:.1f} s)", flush=True)
        return True

    def skip(self, name, why):
        self.skipped += 1
        print(f"skip - {name}: {why}", flush=True)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, "
              f"{self.skipped} skipped", flush=True)
        sys.exit(1 if self.failed or not self.passed else 0)
