# SPDX-License-Identifier: ISC
"""A booted systemd with postern installed, in about a second, as root: an
overlay on this machine's own root, systemd-nspawn, and network namespaces for
other hosts. Nothing of it outlives the test."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import house

MASKED = """
    apt-daily.timer apt-daily-upgrade.timer console-getty.service
    dbus-org.freedesktop.timesync1.service dpkg-db-backup.timer
    e2scrub_all.timer e2scrub_reap.service fstrim.timer getty.target
    man-db.timer systemd-logind.service systemd-networkd.service
    systemd-networkd.socket systemd-pstore.service systemd-resolved.service
    systemd-timesyncd.service systemd-udevd.service systemd-udev-trigger.service
    systemd-udevd-control.socket systemd-udevd-kernel.socket
    systemd-user-sessions.service systemd-networkd-wait-online.service
    systemd-journal-flush.service systemd-hwdb-update.service
""".split()


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True,
                          text=True, check=False, **options)
    house.want(done.returncode == 0,
               f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def missing():
    """Why no container can be booted here, or None."""
    if os.geteuid() != 0:
        return "needs root"
    for tool in ("systemd-nspawn", "nsenter", "ip", "unshare"):
        if not shutil.which(tool):
            return f"no {tool}"
    return None


def _hide_services(root):
    """A host's own services are not what is tested."""
    system = root / "etc/systemd/system"
    for wants in system.glob("*.wants"):
        shutil.rmtree(wants)
    for unit in MASKED:
        link = system / unit
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")
    for kind in ("system-generators",):
        folder = root / "etc/systemd" / kind
        folder.mkdir(parents=True, exist_ok=True)
        for generator in pathlib.Path("/usr/lib/systemd", kind).iterdir():
            link = folder / generator.name
            link.unlink(missing_ok=True)
            link.symlink_to("/dev/null")
    (root / "etc/machine-id").write_text("uninitialized\n")


class Container:
    def __init__(self, build, name="red"):
        self.name = f"postern-{name}-{os.getpid()}"
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="postern-box."))
        self.root = self.base / "root"
        self.groups = []
        self.nspawn = None
        self.leader = None
        self.netns = []
        run("mount", "-t", "tmpfs", "-o", "mode=755", "box", self.base)
        for d in ("upper", "work", "root"):
            (self.base / d).mkdir()
        run("mount", "-t", "overlay", "overlay", "-o",
            f"lowerdir=/,upperdir={self.base}/upper,workdir={self.base}/work",
            self.root)
        _hide_services(self.root)
        shutil.rmtree(self.root / "etc/postern", ignore_errors=True)
        shutil.rmtree(self.root / "run", ignore_errors=True)
        run("make", "-s", "-C", build, "install", f"DESTDIR={self.root}")

    def _own_cgroup(self):
        """With --keep-unit the container lives in its caller's group; give
        it one of its own so that its systemd owns the whole of it."""
        for top in ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified",
                    "/sys/fs/cgroup"):
            path = pathlib.Path(top, self.name)
            if not pathlib.Path(top, "cgroup.procs").exists():
                continue
            path.mkdir(exist_ok=True)
            self.groups.append(path)

    def _enter_cgroup(self):
        for path in self.groups:
            (path / "cgroup.procs").write_text(str(os.getpid()))

    def boot(self):
        self._own_cgroup()
        env = dict(os.environ, SYSTEMD_SECCOMP="0")
        with open(self.base / "console", "wb") as console:
            # pylint: disable=subprocess-popen-preexec-fn
            self.nspawn = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--boot", "-D", str(self.root),
                 "--private-network", "--register=no", "--keep-unit",
                 "--console=passive", f"--machine={self.name}"],
                env=env, stdin=subprocess.DEVNULL, stdout=console,
                stderr=console, preexec_fn=self._enter_cgroup)
        self._wait("a leader", self._find_leader)
        self._wait("systemd", self._is_up, 60)

    def _wait(self, what, condition, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            if self.nspawn.poll() is not None or time.monotonic() > deadline:
                text = (self.base / "console").read_text(errors="replace")
                raise house.Failure(f"waiting for {what}: {text}")
            time.sleep(0.05)

    def _find_leader(self):
        """nspawn has other children before it, for moments."""
        path = f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children"
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pids = pathlib.Path(path).read_text(encoding="ascii").split()
            for pid in pids:
                name = pathlib.Path(f"/proc/{pid}/comm").read_text(
                    encoding="ascii").strip()
                if name == "systemd":
                    self.leader = int(pid)
        return self.leader is not None

    def _is_up(self):
        done = self.command("systemctl", "is-system-running", ok=False)
        return done.stdout.strip() in ("running", "degraded")

    def command(self, *args, ok=True, data=None, timeout=120):
        """Run something inside; the finished process."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.leader), "-a", "-r", "--",
             *map(str, args)],
            input=data, capture_output=True, text=True, timeout=timeout,
            check=False, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                              "SYSTEMD_COLORS": "0", "LC_ALL": "C.UTF-8"})
        if ok:
            house.want(done.returncode == 0,
                       f"{args}: {done.stdout}{done.stderr}")
        return done

    def write(self, path, text, mode=0o644):
        """A file inside; before or after boot."""
        if self.leader:
            self.command("sh", "-c", f"mkdir -p $(dirname {path}); "
                         f"cat > {path}; chmod {mode:o} {path}", data=text)
        else:
            target = self.root / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            target.chmod(mode)

    def read(self, path):
        return self.command("cat", path).stdout

    def neighbour(self, name, number):
        """Another host: a network namespace on a wire of its own to us. We
        are 192.0.2.(4n+1), it is 192.0.2.(4n+2)."""
        netns = f"{self.name}-{name}"
        ours, theirs = f"192.0.2.{4 * number + 1}", f"192.0.2.{4 * number + 2}"
        run("ip", "netns", "add", netns)
        self.netns.append(netns)
        # names of devices are short; make them where they are to live
        run("ip", "-n", netns, "link", "add", "eth0", "type", "veth", "peer",
            "name", f"host{number}", "netns", str(self.leader))
        run("ip", "-n", netns, "addr", "add", f"{theirs}/30", "dev", "eth0")
        run("ip", "-n", netns, "link", "set", "eth0", "up")
        run("ip", "-n", netns, "link", "set", "lo", "up")
        self.command("ip", "addr", "add", f"{ours}/30", "dev",
                     f"host{number}")
        self.command("ip", "link", "set", f"host{number}", "up")
        return Neighbour(netns, theirs, ours)

    def close(self):
        if self.leader:
            # SIGRTMIN+4: power off
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.leader, signal.SIGRTMIN + 4)
        if self.nspawn:
            try:
                self.nspawn.wait(20)
            except subprocess.TimeoutExpired:
                os.kill(self.leader, signal.SIGKILL)
                self.nspawn.kill()
                self.nspawn.wait(20)
        for netns in self.netns:
            subprocess.run(["ip", "netns", "del", netns], check=False)
        for group in self.groups:
            self._remove_group(group)
        subprocess.run(["umount", "-R", str(self.base)], check=False)
        with contextlib.suppress(OSError):
            self.base.rmdir()

    @staticmethod
    def _remove_group(group):
        for path in sorted(group.rglob("*"), reverse=True):
            if path.is_dir():
                with contextlib.suppress(OSError):
                    path.rmdir()
        with contextlib.suppress(OSError):
            group.rmdir()


class Neighbour:
    def __init__(self, netns, address, container):
        self.netns, self.address, self.container = netns, address, container

    def command(self, *args, ok=True, timeout=120, data=None, env=None):
        done = subprocess.run(
            ["ip", "netns", "exec", self.netns, *map(str, args)],
            capture_output=True, timeout=timeout, check=False, input=data,
            env=env)
        if ok:
            house.want(done.returncode == 0,
                       f"{args}: {done.stdout!r}{done.stderr!r}")
        return done

    def start(self, *args, **options):
        return subprocess.Popen(
            ["ip", "netns", "exec", self.netns, *map(str, args)], **options)
