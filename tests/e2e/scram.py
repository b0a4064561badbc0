# SPDX-License-Identifier: ISC
"""A SCRAM-SHA-256(-PLUS) client of our own (RFC 5802, 7677, 9266), over
openssl's s_client: neither GnuTLS nor GNU SASL has a hand in it. It can also
lie: about the binding, the flag, the nonce."""
import base64
import hashlib
import hmac
import os
import re
import subprocess

import house


def b64(raw):
    return base64.b64encode(raw).decode()


def prf(hash_name, secret, seed, n):
    """P_hash: RFC 5246 section 5."""
    out, a = b"", seed
    while len(out) < n:
        a = hmac.digest(secret, a, hash_name)
        out += hmac.digest(secret, a + seed, hash_name)
    return out[:n]


class Tunnel:
    """openssl s_client, with the channel's exporter. For TLS 1.2 its own is of
    no use: it has no context, where RFC 9266 has an empty one, which RFC 5705
    tells apart. So it is made here, of what -msg shows."""

    def __init__(self, prefix, address, port, starttls=None, extra=()):
        command = [*prefix, "openssl", "s_client", "-connect",
                   f"{address}:{port}", "-nocommands", "-ign_eof",
                   "-keymatexport", "EXPORTER-Channel-Binding",
                   "-keymatexportlen", "32", "-servername",
                   "mail.red.example", *extra]
        if starttls:
            command += ["-starttls", starttls]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.text = []
        self.binding = self.master = self.hello = None
        self.randoms, self.hash = {}, "sha256"

    def take_hellos(self, line):
        """-msg: a heading, then the message in hex."""
        heading = re.match(r"(<<<|>>>) .*, (Client|Server)Hello$", line)
        bytes_ = re.match(r" {4}((?:[0-9a-f]{2} ?)+)\s*$", line)
        if heading:
            self.hello = heading[2]
            self.randoms[self.hello] = b""
        elif bytes_ and self.hello:
            self.randoms[self.hello] += bytes.fromhex(bytes_[1])
        else:
            self.hello = None

    def exporter(self):
        seed = b"EXPORTER-Channel-Binding"
        for side in ("Client", "Server"):
            seed += self.randoms[side][6:38]
        return prf(self.hash, self.master, seed + b"\0\0", 32)

    def line(self):
        line = self.process.stdout.readline().decode(errors="replace")
        self.text.append(line)
        house.want(line, "".join(self.text[-40:]))
        self.take_hellos(line.rstrip("\r\n"))
        found = re.match(r"\s*Master-Key: ([0-9A-F]{96})", line)
        if found:
            self.master = bytes.fromhex(found[1])
        if re.match(r"\s*Cipher +: .*SHA384", line):
            self.hash = "sha384"
        found = re.match(r"\s*Keying material: ([0-9A-F]{64})", line)
        if found:
            self.binding = (self.exporter() if self.master
                            else bytes.fromhex(found[1]))
        return line.rstrip("\r\n")

    def expect(self, pattern):
        """The next line of the protocol that this matches; s_client's own
        words stand before it."""
        while True:
            line = self.line()
            if re.match(pattern, line):
                return line

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\r\n")
        self.process.stdin.flush()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Scram:
    def __init__(self, user, password, flag, binding=b""):
        self.user, self.password = user, password
        self.gs2 = f"{flag},,"
        self.binding = binding
        self.nonce = b64(os.urandom(18))
        self.bare = f"n={user},r={self.nonce}"
        self.expected = None

    def first(self):
        return b64((self.gs2 + self.bare).encode())

    def final(self, challenge, nonce=None):
        server_first = base64.b64decode(challenge).decode()
        said = dict(part.split("=", 1) for part in server_first.split(","))
        house.want(said["r"].startswith(self.nonce), server_first)
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(),
                                     base64.b64decode(said["s"]),
                                     int(said["i"]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        stored = hashlib.sha256(key).digest()
        bind = b64(self.gs2.encode() + self.binding)
        without = f"c={bind},r={nonce or said['r']}"
        message = ",".join((self.bare, server_first, without)).encode()
        proof = bytes(a ^ b for a, b in zip(
            key, hmac.digest(stored, message, "sha256")))
        server = hmac.digest(salted, b"Server Key", "sha256")
        self.expected = b64(hmac.digest(server, message, "sha256"))
        return b64(f"{without},p={b64(proof)}".encode())

    def check(self, challenge):
        said = base64.b64decode(challenge).decode()
        house.want(said == f"v={self.expected}",
                   f"the server's signature: {said}")


# What the protocols put around it: how to begin, how a challenge looks.
SMTP = {"hello": "EHLO client.example", "ready": r"250 ",
        "begin": "AUTH {} {}", "more": r"334 ", "yes": r"235 ",
        "end": r"[2345]\d\d[ -]"}
POP3 = {"hello": "CAPA", "ready": r"\.$",
        "begin": "AUTH {} {}", "more": r"\+ ", "yes": r"\+OK",
        "end": r"(\+OK|-ERR)"}


def log_in(tunnel, protocol, scram, mechanism, nonce=None):
    """The last line the server said: of success, or of refusal."""
    tunnel.send(protocol["begin"].format(mechanism, scram.first()))
    either = f"({protocol['more']}|{protocol['end']})"
    line = tunnel.expect(either)
    if not re.match(protocol["more"], line):
        return line
    tunnel.send(scram.final(line.split(" ", 1)[1], nonce))
    line = tunnel.expect(either)
    if re.match(protocol["more"], line):
        scram.check(line.split(" ", 1)[1])
        tunnel.send("")
        line = tunnel.expect(either)
    return line
