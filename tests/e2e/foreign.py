# SPDX-License-Identifier: ISC
"""Other programs at work on one mailbox, each as its user would start it, with
the locks Debian policy wants (fcntl, then NAME.lock).

A deliverer's deliver(letter) says whether the program took it. A remover's
round(take, gate) fetches some letters, gives {ident: letter} to `take`, and has
them removed; True: it says that it did. Whoever writes in the middle of the
mailbox goes through the gate. Between two turns each rests for `rest_s` in the
middle: they wait for one lock while they hold the other, some of them for
seconds, and would leave nobody else a turn."""
import contextlib
import json
import os
import pty
import random
import select
import shutil
import socket
import subprocess
import threading
import time

import house
import letters
import mounts

DOVECOT_LDA = "/usr/lib/dovecot/dovecot-lda"
SOME = 20  # letters that a remover takes at a time
TIMEOUT = 400  # longer than anybody waits for a lock


class Gate:
    """Many may rewrite the mailbox at a time, as their locks let them, or one
    alone."""

    def __init__(self):
        self.lock = threading.Condition()
        self.many, self.waiting, self.one = 0, 0, False

    @contextlib.contextmanager
    def shared(self):
        with self.lock:
            self.lock.wait_for(lambda: not self.one and not self.waiting)
            self.many += 1
        try:
            yield
        finally:
            with self.lock:
                self.many -= 1
                self.lock.notify_all()

    @contextlib.contextmanager
    def alone(self):
        with self.lock:
            self.waiting += 1
            self.lock.wait_for(lambda: not self.one and not self.many)
            self.waiting -= 1
            self.one = True
        try:
            yield
        finally:
            with self.lock:
                self.one = False
                self.lock.notify_all()


class Desk:
    """Where the foreign programs work: the mailbox, alice's home."""

    def __init__(self, folder, box):
        self.folder, self.box = folder, box
        self.home = folder / "home"
        self.home.mkdir()
        self.own(self.home)
        self.env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C",
                    "HOME": str(self.home), "USER": "alice",
                    "LOGNAME": "alice", "MAIL": str(box), "TERM": "vt100",
                    "TMPDIR": str(self.home)}
        # alice, where she is a user; else whoever started this
        self.identity = {"user": mounts.UID, "group": mounts.UID,
                         "extra_groups": []} if mounts.inside() else {}

    def own(self, path):
        if mounts.inside():
            os.chown(path, mounts.UID, mounts.UID)

    def write(self, name, text):
        path = self.home / name
        path.write_text(text)
        path.chmod(0o600)
        self.own(path)
        return path

    def run(self, *command, data=b""):
        return subprocess.run(
            [str(c) for c in command], input=data, capture_output=True,
            env=self.env, cwd=self.home, timeout=TIMEOUT, check=False,
            **self.identity)


class Deliverer:
    """One that takes a letter on standard input and ends with 0."""
    from_lines = False
    rest_s = 1

    def __init__(self, desk, *command):
        self.desk, self.command = desk, command

    def deliver(self, letter, _gate):
        return self.desk.run(*self.command, data=letter).returncode == 0


class Procmail(Deliverer):
    name, needs = "procmail", ("procmail",)
    from_lines = True

    def __init__(self, desk):
        super().__init__(desk, "procmail", "-f", letters.SENDER.decode(),
                         desk.write("procmailrc",
                                    f"LOCKSLEEP=1\n:0:\n{desk.box}\n"))


class Maildrop(Deliverer):
    """Last in the queue for a processor: it waits for a lock by looping."""
    name, needs = "maildrop", ("maildrop",)

    def __init__(self, desk):
        super().__init__(desk, "nice", "-n", "19", "maildrop", "-f",
                         letters.SENDER.decode(), desk.write("mailfilter",
                                    f'LOCKSLEEP=1\nto "{desk.box}"\n'))


def dovecot_conf(desk):
    """Its locks in procmail's order, which is also its authors' default: with
    Debian's (fcntl first) it would hold fcntl while it waits for the dotlock,
    and procmail and maildrop the other way round, for two minutes. Without
    dirty syncs: else it writes at offsets that it remembers, wherever the
    messages lie since others took some out."""
    return desk.write("dovecot.conf", (
        f"base_dir = {desk.home}/run\nstate_dir = {desk.home}/run\n"
        f"log_path = {desk.home}/dovecot.log\nssl = no\n"
        f"mail_location = mbox:{desk.home}/dovecot:INBOX={desk.box}\n"
        "mbox_read_locks = fcntl\nmbox_write_locks = dotlock fcntl\n"
        "mbox_dirty_syncs = no\n"
        "first_valid_uid = 1\nfirst_valid_gid = 1\n"))


class DovecotLda(Deliverer):
    name, needs = "dovecot-lda", (DOVECOT_LDA,)

    def __init__(self, desk):
        super().__init__(desk, DOVECOT_LDA, "-c", dovecot_conf(desk),
                         "-f", letters.SENDER.decode())

    def deliver(self, letter, gate):
        with gate.shared():  # it may add fields to other letters
            return super().deliver(letter, gate)


class Doveadm:
    """Dovecot's mbox driver as a reader: flags, fetch, expunge."""
    name, needs = "doveadm", ("doveadm",)
    rest_s = 0.5
    may_misread = False

    def __init__(self, desk):
        self.desk, self.conf = desk, dovecot_conf(desk)

    def run(self, *args):
        return self.desk.run("doveadm", "-c", self.conf, *args)

    def round(self, take, gate):
        with gate.shared():
            return self._round(take)

    def _round(self, take):
        done = self.run("-f", "json", "fetch", "text", "mailbox", "INBOX",
                        f"1:{SOME}")
        if done.returncode != 0 or not done.stdout.strip():
            return False
        found = {}
        for row in json.loads(done.stdout):
            text = row["text"].encode()
            if not letters.is_pseudo(text):
                found[letters.read(text)] = text
        self.run("flags", "add", r"\Flagged", "mailbox", "INBOX", "SEEN")
        if not found or not take(found):
            return False
        words = []
        for ident in found:
            words += ["OR"] if words else []
            words += ["HEADER", "X-Ident", ident.decode()]
        return self.run("expunge", "mailbox", "INBOX", "(", *words,
                        ")").returncode == 0


class Nail:
    """s-nail, which is mail(1): saves to a file, then deletes. It remembers
    offsets and writes the whole mailbox again at its end, minding only what
    was appended meanwhile: as long as it is at work nobody else may take
    anything out."""
    name, needs = "s-nail", ("s-nail",)
    rest_s = 3
    may_misread = False

    def __init__(self, desk, reader):
        self.desk, self.reader = desk, reader
        self.saved = desk.home / "saved"

    def run(self, *commands):
        script = "\n".join(("set keep hold", *commands, "quit\n"))
        return self.desk.run("s-nail", "-:/", "-S", "quiet", "-N",
                             data=script.encode())

    def round(self, take, gate):
        with gate.alone():
            return self._round(take)

    def _round(self, take):
        self.saved.unlink(missing_ok=True)
        most = min(SOME, len(self.reader()))
        if most == 0:
            return False
        numbers = " ".join(str(i) for i in range(1, most + 1))
        self.run(f"copy {numbers} {self.saved}", "flag 1", f"type {most}")
        if not self.saved.exists():
            return False
        found = letters.read_all(self.saved.read_bytes())
        if not found or not take(found):
            return False
        words = [f"delete '(header x-ident {i.decode()})'" for i in found]
        return self.run(*words).returncode == 0


class Mutt:
    """mutt on a terminal of its own. What it shows and saves it reads at
    offsets that it remembers, without a lock; so it only flags and deletes, by
    Message-ID, letters that a reader with a lock has read. Of a mailbox that
    others rewrote meanwhile it believes that nothing but its times changed when
    it is as long as before, and that mail came when "From " stands at its old
    end: seldom, but among 20,000 letters both happen. As long as it is at work
    nobody else may take anything out."""
    name, needs = "mutt", ("mutt",)
    rest_s = 4
    may_misread = False

    def __init__(self, desk, reader):
        self.desk, self.reader = desk, reader
        self.rc = desk.write("muttrc", (
            "set mbox_type=mbox move=no delete=yes quit=yes sleep_time=0\n"
            "set wait_key=no beep=no pager_stop\n"
            f"set record='' folder={desk.home} spoolfile={desk.box}\n"))

    def round(self, take, gate):
        found = dict(list(self.reader().items())[:SOME])
        if not found or not take(found):
            return False
        these = "|".join(i.decode() for i in found)
        with gate.alone():
            self.sit(f"=FD~i \"({these})@\"\r".encode())
        return True

    def sit(self, keys):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            ["mutt", "-n", "-F", str(self.rc), "-f", str(self.desk.box)],
            stdin=theirs, stdout=theirs, stderr=theirs, env=self.desk.env,
            cwd=self.desk.home, start_new_session=True, **self.desk.identity)
        os.close(theirs)
        attend(ours, process, keys)
        os.close(ours)


def attend(terminal, process, keys):
    """Type keys and then q whenever a mutt falls silent, until it ends. Where
    others hold the locks, or changed the mailbox, it stays with an error and
    forgets keys that came too early; at last it must go without writing."""
    typed = [keys, b"q"] * 3 + [b"\x07x"] * 20
    deadline = time.monotonic() + TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if select.select([terminal], [], [], 0.3)[0]:
                os.read(terminal, 65536)
            elif typed:
                os.write(terminal, typed.pop(0))
        except OSError:
            break
    process.wait(TIMEOUT)


class Pop:
    """A POP3 session on a socketpair: some letters fetched and deleted. One
    that is not whole ends it, without QUIT."""
    may_misread = False
    rest_s, leaves = 0.02, 0

    def start(self):
        raise NotImplementedError

    def round(self, take, gate):
        process, sock = self.start()
        try:
            with house.Dialogue(sock) as d:
                return self.session(d, process, take, gate)
        except OSError:
            return False
        finally:
            process.wait(TIMEOUT)

    def session(self, d, process, take, gate):
        d.pop(None, None)
        d.pop(b"USER alice", None)
        if not d.pop(b"PASS pw", None).startswith(b"+OK"):
            return False
        found = {}
        count = int(d.pop(b"STAT").split()[1])
        for i in sorted(random.sample(
                range(1, count + 1),
                max(0, min(self.most, count - self.leaves)))):
            if not d.pop(b"RETR %d" % i, None).startswith(b"+OK"):
                return False
            text = d.pop_lines()
            if not letters.is_pseudo(text):
                found[letters.read(text)] = text
                d.pop(b"DELE %d" % i)
        if not take(found):
            return False
        with gate.shared():
            done = d.pop(b"QUIT", None).startswith(b"+OK")
            process.wait(TIMEOUT)  # ours moves the mailbox after its answer
            return done


class Within:
    """A gate, for who is inside already."""

    @staticmethod
    def shared():
        return contextlib.nullcontext()


class Popa3d(Pop):
    """It reads without a lock, and looks at whole seconds to see whether others
    wrote meanwhile; therefore it keeps its lock at login until the second is
    over in which somebody wrote. mutt puts the mailbox's old time back when it
    has taken letters out: it must not be at work between login and QUIT."""
    name, needs = "popa3d", ()
    may_misread = True
    rest_s = 4
    most = SOME  # where all write each second, each RETR takes one

    def __init__(self, desk, program):
        self.desk, self.program = desk, program

    def round(self, take, gate):
        with gate.shared():
            return super().round(take, Within)

    def start(self):
        ours, theirs = socket.socketpair()
        process = subprocess.Popen([self.program], stdin=theirs,
                                   stdout=theirs, stderr=subprocess.DEVNULL)
        theirs.close()
        ours.settimeout(TIMEOUT)
        return process, ours


def find_popa3d():
    """Its path, or None. (As a package it conflicts with Dovecot's POP3.)"""
    named = os.environ.get("POPA3D", "/usr/sbin/popa3d")
    return named if os.access(named, os.X_OK) else None


def missing(kind):
    """What of a program's needs is not here."""
    return [n for n in kind.needs if not shutil.which(n)]
