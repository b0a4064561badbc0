# SPDX-License-Identifier: ISC
"""postern, popa3d and Dovecot, untraced, on one and the same mailbox
/var/mail/alice, in a mount namespace of our own (see enter)."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import peers
from works import house

USER = 54321  # alice, who is in our passwd only
MARK = "POSTERN_BENCH_INSIDE"


def enter():
    """Start this program again in a mount namespace."""
    if MARK not in os.environ:
        os.environ[MARK] = "1"
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private",
                              sys.executable, *sys.argv])


class Place:
    """The folder on disk that holds all, and what is mounted from it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        os.chmod(self.folder, 0o755)
        self.mail = self.folder / "mail"
        self.mail.mkdir()
        os.chown(self.mail, USER, USER)
        self.box = self.mail / "alice"
        peers.system_files(self.folder, USER)
        for source, target in (("passwd", "/etc/passwd"),
                               ("shadow", "/etc/shadow"),
                               ("pam.d", "/etc/pam.d"),
                               ("mail", "/var/mail")):
            self.mount("--bind", self.folder / source, target)
        self.mount("-t", "tmpfs", "none", "/var/lib")
        os.mkdir("/var/lib/popa3d")

    @staticmethod
    def mount(*args):
        subprocess.run(["mount", *map(str, args)], check=True)

    def put(self, master):
        """The mailbox as it was; nothing that anybody remembers of it."""
        self.forget()
        subprocess.run(["cp", master, self.box], check=True)
        os.chmod(self.box, 0o660)
        os.chown(self.box, USER, USER)
        os.sync()

    def forget(self):
        """Without any index."""
        shutil.rmtree(self.mail / ".postern", ignore_errors=True)
        shutil.rmtree(self.folder / "dovecot", ignore_errors=True)
        (self.folder / "dovecot").mkdir()
        os.chown(self.folder / "dovecot", USER, USER)


class Postern:
    name = "postern"

    def __init__(self, build, place):
        self.host = house.Host(
            build, settings={"store": {"directory": place.mail}})
        (self.host.dir / "users").write_text(f"alice:{peers.HASH}:\n")

    def reach(self):
        return [], ["--", *self.host.program("postern-pop3d")]

    def close(self):
        self.host.close()


class Popa3d:
    name = "popa3d"

    def reach(self):
        return [], ["--", peers.POPA3D]

    def close(self):
        pass


class Dovecot:
    """Always there; between two sessions it gets the time to let go."""
    name = "Dovecot"

    def __init__(self, place):
        self.port = house.free_port()
        run = place.folder / "dovecot-run"
        run.mkdir(mode=0o755)
        conf = run / "dovecot.conf"
        conf.write_text(peers.dovecot_conf(
            run, self.port, USER, USER,
            f"mbox:{place.folder}/dovecot:INBOX={place.box}"))
        self.process = subprocess.Popen(
            ["/usr/sbin/dovecot", "-F", "-c", str(conf)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        peers.dial(self.port).close()

    def reach(self):
        time.sleep(0.2)
        return ["-p", str(self.port)], []

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def all_here(build, place):
    some = [Postern(build, place)]
    if os.path.exists(peers.POPA3D):
        some.append(Popa3d())
    if shutil.which("dovecot"):
        some.append(Dovecot(place))
    return some
