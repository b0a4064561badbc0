# SPDX-License-Identifier: ISC
"""postern, and the programs beside it, each in a temporary folder with a
configuration of its own, on loopback, traced by strace. A peer offers

    smtp(talk) or pop3(talk)   one piece of work, from a fresh connection
    trace                      the count.Trace of all its processes
    memory(talk)               peak resident KiB: of the one process, or, for
                               a family of daemons, the sum
    instructions(talk)         or None where it is not measured
"""
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import count
import works
from works import house
import mounts  # found by works

# one cheap hash for everybody: these are not measurements of crypt(3)
HASH = mounts.cheap_hash("secret")


def dial(port):
    deadline = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 60)
        except OSError:
            house.want(time.monotonic() < deadline, "nothing listens")
            time.sleep(0.05)


class OneProcess:
    """A program that serves the connection it is started with."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.trace_path = self.folder / "trace"
        self.trace = count.Trace(self.trace_path)

    def command(self):
        raise NotImplementedError

    def wrap(self, command):
        return command

    def run(self, command, talk):
        ours, theirs = socket.socketpair()
        process = subprocess.Popen(self.wrap(command), stdin=theirs,
                                   stdout=theirs, stderr=subprocess.DEVNULL)
        theirs.close()
        ours.settimeout(120)
        talk(ours)
        process.wait(120)

    def work(self, talk):
        self.trace_path.unlink(missing_ok=True)
        self.run([*count.strace(self.trace_path), *self.command()], talk)
        return self.trace.counts()

    def memory(self, talk):
        return count.process_kib(self.wrap(self.command()), talk)

    def instructions(self, talk):
        return count.instructions(self.command(),
                                  lambda c: self.run(c, talk), self.folder)


class Postern(OneProcess):
    name = "postern"

    def __init__(self, build, program):
        self.host = house.Host(build)
        (self.host.dir / "users").write_text(f"alice:{HASH}:\n")
        self.program = program
        super().__init__(self.host.dir)

    def command(self):
        return self.host.program(self.program)

    def box(self):
        path = self.host.mail / "alice"
        path.touch(mode=0o660)
        path.chmod(0o660)
        return path

    def close(self):
        self.host.close()


POPA3D = os.environ.get("POPA3D", "/usr/sbin/popa3d")


class Popa3d(OneProcess):
    """popa3d from inetd. Its users are the system's, so it gets a mount
    namespace with a passwd, shadow and /var/mail of our own."""
    name = "popa3d"

    def __init__(self, users=("alice",)):
        super().__init__(tempfile.mkdtemp(prefix="postern-bench."))
        os.chmod(self.folder, 0o755)
        (self.folder / "mail").mkdir()
        mounts.system_files(self.folder, "/nonexistent", HASH, users)

    def command(self):
        return [POPA3D]

    def wrap(self, command):
        f = self.folder
        script = (f"mount --bind {f}/passwd /etc/passwd && "
                  f"mount --bind {f}/shadow /etc/shadow && "
                  f"mount --bind {f}/pam.d /etc/pam.d && "
                  f"mount --bind {f}/mail /var/mail && "
                  "mount -t tmpfs none /var/lib && mkdir /var/lib/popa3d && "
                  "exec \"$@\"")
        return ["unshare", "-m", "sh", "-c", script, "sh", *command]

    def box(self):
        path = self.folder / "mail" / "alice"
        path.touch()
        os.chown(path, mounts.UID, mounts.UID)
        return path

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Family:
    """Daemons that stay: the cost is what a piece of work adds."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-bench."))
        os.chmod(self.folder, 0o755)
        self.port = house.free_port()
        self.trace = count.Trace(self.folder / "trace")
        self.process = None

    def start(self, command):
        self.process = subprocess.Popen(
            [*count.strace(self.folder / "trace"), *command],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        dial(self.port).close()

    def work(self, talk):
        before = self.trace.settled()
        talk(dial(self.port))
        after = self.trace.settled()
        return after[0] - before[0], after[1] - before[1]

    def memory(self, talk):
        peak = [0]

        def watched(sock):
            talk(sock)
            peak[0] = count.peak_kib(
                [p for p in count.descendants(self.process.pid)
                 if p != self.process.pid])

        watched(dial(self.port))
        return peak[0]

    def instructions(self, _talk):
        return None

    def close(self):
        for pid in count.descendants(self.process.pid)[1:]:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


class Postfix(Family):
    name = "Postfix"

    def __init__(self):
        super().__init__()
        conf, queue = self.folder / "conf", self.folder / "queue"
        data, mail = self.folder / "data", self.folder / "mail"
        for d in (conf, queue, data, mail):
            d.mkdir()
        user = pwd.getpwnam("postfix")
        os.chown(data, user.pw_uid, user.pw_gid)
        os.chown(mail, user.pw_uid, user.pw_gid)
        shutil.copy("/usr/share/postfix/master.cf.dist", conf / "master.cf")
        text = (conf / "master.cf").read_text().replace(
            "smtp      inet  n", f"127.0.0.1:{self.port} inet  n", 1)
        # nobody needs a chroot with resolver files for this
        lines = []
        for line in text.splitlines():
            words = line.split()
            if len(words) > 6 and not line.startswith(("#", " ")):
                words[4] = "n"
                line = " ".join(words)
            lines.append(line)
        (conf / "master.cf").write_text("\n".join(lines) + "\n")
        (conf / "main.cf").write_text(
            f"compatibility_level = 3.6\nqueue_directory = {queue}\n"
            f"data_directory = {data}\nmyhostname = red.example\n"
            "mydestination =\ninet_interfaces = 127.0.0.1\n"
            "inet_protocols = ipv4\nmynetworks = 127.0.0.0/8\n"
            "smtpd_relay_restrictions = permit_mynetworks, reject\n"
            f"virtual_mailbox_base = {mail}\n"
            "virtual_mailbox_domains = red.example\n"
            "virtual_mailbox_maps = inline:{alice@red.example=alice}\n"
            f"virtual_uid_maps = static:{user.pw_uid}\n"
            f"virtual_gid_maps = static:{user.pw_gid}\n"
            "virtual_minimum_uid = 1\nmaillog_file = /dev/null\n"
            "maillog_file_prefixes = /dev\nalias_maps =\n"
            "alias_database =\n")
        self.mailbox = mail / "alice"
        self.start(["postfix", "-c", str(conf), "start-fg"])

    def work(self, talk):
        size = self.mailbox.stat().st_size if self.mailbox.exists() else 0
        cost = super().work(talk)
        if talk is works.message:
            house.want(self.mailbox.stat().st_size > size, "not delivered")
        return cost


def dovecot_conf(folder, port, uid, gid, location):
    """POP3 alone, for alice alone, everything below `folder`. Locks as
    Debian's package has them: fcntl, then the dotlock."""
    (folder / "users").write_text(f"alice:{{CRYPT}}{HASH}\n")
    return (
        f"base_dir = {folder}/run\nstate_dir = {folder}/state\n"
        "log_path = /dev/null\nprotocols = pop3\nssl = no\n"
        "disable_plaintext_auth = no\nlisten = 127.0.0.1\n"
        "service pop3-login {\n inet_listener pop3 {\n"
        f"  port = {port}\n }}\n inet_listener pop3s {{\n"
        "  port = 0\n }\n}\n"
        f"mail_location = {location}\n"
        "mbox_read_locks = fcntl\nmbox_write_locks = fcntl dotlock\n"
        f"passdb {{\n driver = passwd-file\n args = {folder}/users\n}}\n"
        "userdb {\n driver = static\n"
        f" args = uid={uid} gid={gid} home={folder}\n}}\n"
        "first_valid_uid = 1\nfirst_valid_gid = 1\n")


class Dovecot(Family):
    name = "Dovecot"

    def __init__(self):
        super().__init__()
        (self.folder / "mail").mkdir()
        user = pwd.getpwnam("nobody")
        os.chown(self.folder / "mail", user.pw_uid, user.pw_gid)
        self.uid = user.pw_uid
        conf = self.folder / "dovecot.conf"
        conf.write_text(dovecot_conf(
            self.folder, self.port, user.pw_uid, user.pw_gid,
            f"mbox:{self.folder}/mail/d:INBOX={self.folder}/mail/alice"))
        self.start(["dovecot", "-F", "-c", str(conf)])

    def box(self):
        path = self.folder / "mail" / "alice"
        path.touch()
        os.chown(path, self.uid, self.uid)
        shutil.rmtree(self.folder / "mail" / "d", ignore_errors=True)
        return path
