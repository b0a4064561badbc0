# SPDX-License-Identifier: ISC
"""Counting what a piece of work costs: system calls and flushes by strace,
instructions by callgrind, peak memory and CPU by the kernel's own
accounting."""
import contextlib
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import time

# sync_file_range as we use it begins to write and waits for nothing
FLUSH = re.compile(rb"^\d+ +(?:fsync|fdatasync|syncfs|sync)\(")
CALL = re.compile(rb"^\d+ +[a-z_0-9]+\(")


class Trace:
    """A strace output file that is still being written."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def counts(self):
        """(system calls, flushes) so far."""
        calls = flushes = 0
        with contextlib.suppress(FileNotFoundError):
            for line in self.path.read_bytes().splitlines():
                calls += bool(CALL.match(line))
                flushes += bool(FLUSH.match(line))
        return calls, flushes

    def settled(self, seconds=0.6):
        """The counts once nothing has been added for a while."""
        last, since = self.path.stat().st_size, time.monotonic()
        while time.monotonic() - since < seconds:
            time.sleep(0.05)
            size = self.path.stat().st_size
            if size != last:
                last, since = size, time.monotonic()
        return self.counts()


def strace(path):
    return ["strace", "-f", "-qq", "-o", str(path)]


MOVES = ("read", "pread64", "readv", "preadv", "preadv2", "write", "pwrite64",
         "writev", "pwritev", "pwritev2", "copy_file_range", "sendfile",
         "mmap", "fsync", "fdatasync", "msync", "sync_file_range")
CALLED = re.compile(r"^(?:\d+ +)?([a-z_0-9]+)\((.*)\) += (-?\w+)", re.M)
FILE = re.compile(r"\d+<(/[^>]*)>")


UNFINISHED, RESUMED = " <unfinished ...>", re.compile(r"<\.\.\. \w+ resumed>")


def whole_calls(text):
    """A trace in which the calls of one process, or thread, are no more broken
    off by those of another."""
    begun, lines = {}, []
    for line in text.splitlines():
        pid, _, call = line.partition(" ")
        resumed = RESUMED.match(call.lstrip())
        if call.endswith(UNFINISHED):
            begun[pid] = call[:-len(UNFINISHED)]
            continue
        if resumed:
            rest = call.lstrip()[resumed.end():]
            line = f"{pid} {begun.pop(pid, '').lstrip()}{rest}"
        lines.append(line)
    return "\n".join(lines)


def strace_moves(path):
    """A trace of what moves octets or flushes, with the files' names."""
    return ["/usr/bin/strace", "-f", "-qq", "-y", "-s0", "-o", str(path),
            "-e", "trace=" + ",".join(MOVES)]


class Moves:
    """What such a trace says of the files whose path holds a text: octets
    read, written and mapped, flushes; sync_file_range, which only begins to
    write, is none."""

    def __init__(self, path, part):
        self.read = self.written = self.mapped = self.flushes = 0
        text = pathlib.Path(path).read_text(errors="replace")
        for call, args, result in CALLED.findall(whole_calls(text)):
            files = [part in f for f in FILE.findall(args)]
            if any(files) and not result.startswith("-"):
                self._add(call, args, files, result)

    def _add(self, call, args, files, result):
        if call == "mmap":
            self.mapped += int(args.split(", ")[1])
        elif call == "sync_file_range":
            pass
        elif call in ("fsync", "fdatasync", "msync"):
            self.flushes += 1
        elif call in ("copy_file_range", "sendfile"):
            into = 1 if call == "copy_file_range" else 0
            self.written += files[into] * int(result)
            self.read += files[1 - into] * int(result)
        elif "write" in call:
            self.written += int(result)
        else:
            self.read += int(result)


def instructions(command, talk, folder):
    """Instructions of a program per connection, programs that it starts
    included; `talk` gets our end of the socket. A process that was forked
    begins with its parent's count, so of those of one command only the
    largest counts: what its second process does by itself is left out. None
    where callgrind cannot run it."""
    out = pathlib.Path(folder)
    for old in out.glob("callgrind.*"):
        old.unlink()
    talk(["valgrind", "--tool=callgrind", "-q", "--trace-children=yes",
          f"--callgrind-out-file={out}/callgrind.%p", *command])
    largest = {}
    for path in out.glob("callgrind.*"):
        text = path.read_text()
        found = re.search(r"^(?:summary|totals): (\d+)", text, re.M)
        command = re.search(r"^cmd: (.*)$", text, re.M)
        if found and command:  # else it is still being written
            largest[command.group(1)] = max(
                largest.get(command.group(1), 0), int(found.group(1)))
    return sum(largest.values()) or None


class Cpu:
    """CPU of processes and of all that they start, in a control group. The
    times of children, which a parent is told, do not hold those for whom
    nobody waits: who judges a login is executed by a process that does not."""

    TOPS = ("/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup")

    def __init__(self, pids):
        top = next(t for t in self.TOPS if os.path.exists(f"{t}/cgroup.procs"))
        self.group = pathlib.Path(
            tempfile.mkdtemp(prefix="postern-bench.", dir=top))
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                (self.group / "cgroup.procs").write_text(str(pid))

    def ms(self):
        usage = self.group / "cpuacct.usage"  # version 1
        if usage.exists():
            return int(usage.read_text()) / 1e6
        text = (self.group / "cpu.stat").read_text()
        return int(re.search(r"usage_usec (\d+)", text).group(1)) / 1e3

    def close(self):
        """When the processes have ended; the last ones may yet be on it."""
        for _ in range(100):
            with contextlib.suppress(OSError):
                return self.group.rmdir()
            time.sleep(0.05)


def peak_kib(pids):
    """The sum of VmHWM over processes that are alive."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            text = pathlib.Path(f"/proc/{pid}/status").read_text()
            found = re.search(r"VmHWM:\s+(\d+)", text)
            total += int(found.group(1)) if found else 0
    return total


def descendants(pid):
    todo, found = [pid], []
    while todo:
        one = todo.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{one}/task"):
                text = pathlib.Path(
                    f"/proc/{one}/task/{task}/children").read_text()
                todo += [int(x) for x in text.split()]
    return found


def process_kib(command, talk):
    """Peak resident memory of a process started on a socketpair, and of what
    it starts. (Its own rusage would count what it was before exec.)"""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs,
                               stderr=subprocess.DEVNULL)
    theirs.close()
    ours.settimeout(120)
    talker = threading.Thread(target=talk, args=(ours,))
    talker.start()
    peak = 0
    while process.poll() is None:
        peak = max(peak, peak_kib(descendants(process.pid)))
        time.sleep(0.0002)
    talker.join()
    return peak
