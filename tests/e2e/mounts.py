# SPDX-License-Identifier: ISC
"""A mount namespace of our own, where alice is one of the system's users and
the mail directory is ours. As root only."""
import os
import pathlib
import shutil
import subprocess
import sys

UID = 54321
MARK = "POSTERN_TEST_INSIDE"


def inside():
    return MARK in os.environ


def enter():
    """Start this program again in a mount namespace; return where that
    cannot be had."""
    if inside() or os.geteuid() != 0 or not shutil.which("unshare"):
        return
    command = ["unshare", "-m", "--propagation", "private"]
    if subprocess.run([*command, "true"], check=False,
                      stderr=subprocess.DEVNULL).returncode == 0:
        os.environ[MARK] = "1"
        os.execvp("unshare", [*command, sys.executable, *sys.argv])


def cheap_hash(password):
    """SHA-256-crypt of 1,000 rounds: nothing here is about crypt(3)."""
    return subprocess.run(
        ["perl", "-e", f'print crypt("{password}", "\\$5\\$rounds=1000\\$x")'],
        capture_output=True, text=True, check=True).stdout.strip()


def system_files(folder, home, password_hash, users=("alice",)):
    """passwd, shadow and pam.d as the system has them, with these users added
    (to the kernel all are one), and what popa3d wants."""
    (folder / "passwd").write_text(
        pathlib.Path("/etc/passwd").read_text()
        + "".join(f"{u}:x:{UID}:{UID}::{home}:/bin/sh\n" for u in users)
        + f"popa3d:x:{UID + 1}:{UID + 1}::/nonexistent:/bin/false\n")
    (folder / "shadow").write_text(
        pathlib.Path("/etc/shadow").read_text()
        + "".join(f"{u}:{password_hash}:19000:0:99999:7:::\n" for u in users))
    shutil.copytree("/etc/pam.d", folder / "pam.d")
    (folder / "pam.d" / "popa3d").write_text(
        "auth required pam_unix.so\naccount required pam_permit.so\n")


def mount(*args):
    subprocess.run(["mount", *map(str, args)], check=True)


def move_in(folder, home, mail, password_hash):
    """Make all that true, from files in `folder`."""
    system_files(folder, home, password_hash)
    for source, target in ((folder / "passwd", "/etc/passwd"),
                           (folder / "shadow", "/etc/shadow"),
                           (folder / "pam.d", "/etc/pam.d"),
                           (mail, "/var/mail")):
        mount("--bind", source, target)
    mount("-t", "tmpfs", "none", "/var/lib")
    os.mkdir("/var/lib/popa3d")
