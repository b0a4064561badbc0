# SPDX-License-Identifier: ISC
"""postern, popa3d and Dovecot, untraced, on one and the same mailbox
/var/mail/alice, in a mount namespace of our own."""
import os
import pathlib
import shutil
import signal
import subprocess
import time

import peers
from works import house
import mounts  # found by works

USER = mounts.UID  # alice, in our passwd only


class Place:
    """The folder on disk that holds all, and what is mounted from it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        os.chmod(self.folder, 0o755)
        self.mail = self.folder / "mail"
        self.mail.mkdir()
        os.chown(self.mail, USER, USER)
        self.box = self.mail / "alice"
        mounts.move_in(self.folder, "/nonexistent", self.mail, peers.HASH)

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
