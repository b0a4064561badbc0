# SPDX-License-Identifier: ISC
"""Another host's SMTP server, as strict and as rude as a test wants it."""
import dataclasses
import socket
import threading


@dataclasses.dataclass
class Accepted:
    sender: bytes
    recipients: list
    data: bytes
    parameters: bytes
    clean: bool = False  # its connection ended with QUIT
    secured: bool = False  # came through TLS


class Remote:
    """Listens on loopback; keeps what it accepted.

    refuse: a function (verb, argument) → reply line (bytes) or None. It is
    asked for each MAIL, RCPT, DATA and for b"." at the end of a message, with
    tls also for STARTTLS.
    tls: an ssl.SSLContext, offered by STARTTLS, or with implicit spoken from
    the first octet. secure_extensions: what is offered then.
    auth: a function (session, argument of AUTH) → reply line.
    """

    def __init__(self, extensions=("PIPELINING", "8BITMIME"), port=0,
                 refuse=None, record=None, address="127.0.0.1", tls=None,
                 implicit=False, secure_extensions=None, auth=None):
        self.extensions = extensions
        self.tls, self.implicit = tls, implicit
        self.secure_extensions = secure_extensions
        self.auth = auth
        self.handshakes = []  # True, or what went wrong
        self.refuse = refuse or (lambda verb, argument: None)
        self.record = record or (lambda message: None)
        self.accepted = []
        self.connections = 0
        self.bare_newlines = 0
        self.lock = threading.Lock()
        self.socket = socket.create_server((address, port), backlog=128)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection):
        try:
            session = Session(self, connection)
            if self.implicit:
                session.secure()
            with session:
                session.run()
        except (OSError, EOFError, ValueError):
            pass

    def take(self, message):
        """The commit: recorded before the 250 is sent."""
        with self.lock:
            self.accepted.append(message)
            self.record(message)


class Session:
    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.file = connection.makefile("rb")
        self.taken = []
        self.secured = False
        self.forget()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.connection.close()

    def secure(self):
        self.file.close()
        try:
            self.connection = self.server.tls.wrap_socket(self.connection,
                                                          server_side=True)
        except OSError as e:
            self.server.handshakes.append(e)
            self.connection.close()
            raise
        self.server.handshakes.append(True)
        self.file = self.connection.makefile("rb")
        self.secured = True
        self.forget()

    def forget(self):
        self.sender, self.recipients = None, []
        self.parameters, self.chunks = b"", []

    def reply(self, line):
        self.connection.sendall(line + b"\r\n")

    def run(self):
        self.reply(b"220 far.example ESMTP")
        while True:
            line = self.file.readline(70000)
            if not line:
                return
            if not line.endswith(b"\r\n"):
                self.server.bare_newlines += 1
            verb, _, rest = line.strip().partition(b" ")
            verb = verb.upper()
            if verb == b"QUIT":
                for message in self.taken:
                    message.clean = True
                self.reply(b"221 bye")
                return
            self.command(verb, rest)

    def command(self, verb, rest):
        if verb == b"EHLO":
            extensions = self.server.extensions
            if self.secured and self.server.secure_extensions is not None:
                extensions = self.server.secure_extensions
            if not extensions:
                self.reply(b"502 what?")
                return
            lines = [b"far.example"] + [e.encode() for e in extensions]
            for e in lines[:-1]:
                self.reply(b"250-" + e)
            self.reply(b"250 " + lines[-1])
        elif verb in (b"HELO", b"NOOP"):
            self.reply(b"250 far.example")
        elif verb == b"RSET":
            self.forget()
            self.reply(b"250 ok")
        elif verb == b"MAIL":
            self.forget()
            refusal = self.server.refuse(verb, rest)
            if not refusal:
                path, _, self.parameters = rest.partition(b">")
                self.sender = path.partition(b"<")[2]
            self.reply(refusal or b"250 ok")
        elif verb == b"RCPT":
            refusal = self.server.refuse(verb, rest)
            if not refusal:
                path = rest.partition(b"<")[2].partition(b">")[0]
                self.recipients.append(path)
            self.reply(refusal or b"250 ok")
        elif verb == b"STARTTLS" and self.server.tls:
            refusal = self.server.refuse(verb, rest)
            self.reply(refusal or b"220 go on")
            if not refusal:
                self.secure()
        elif verb == b"AUTH" and self.server.auth:
            self.reply(self.server.auth(self, rest))
        elif verb == b"DATA":
            self.data(rest)
        elif verb == b"BDAT":
            self.chunk(rest)
        else:
            self.reply(b"500 what?")

    def data(self, rest):
        refusal = self.server.refuse(b"DATA", rest)
        if refusal or not self.recipients:
            self.reply(refusal or b"554 no recipients")
            return
        self.reply(b"354 go on")
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError
            if line == b".\r\n" and (not lines
                                     or lines[-1].endswith(b"\r\n")):
                break
            lines.append(line)
        self.finish(b"".join(x[1:] if x.startswith(b".") else x
                             for x in lines))

    def chunk(self, rest):
        words = rest.split()
        data = self.file.read(int(words[0]))
        if len(data) != int(words[0]):
            raise EOFError
        self.chunks.append(data)
        if len(words) > 1 and words[1].upper() == b"LAST":
            if not self.recipients:
                self.reply(b"554 no recipients")
                return
            self.finish(b"".join(self.chunks))
        else:
            self.reply(b"250 ok")

    def finish(self, data):
        if b"\r" in data.replace(b"\r\n", b"") or \
                b"\n" in data.replace(b"\r\n", b""):
            self.server.bare_newlines += 1
        refusal = self.server.refuse(b".", data)
        if not refusal:
            message = Accepted(self.sender, self.recipients, data,
                               self.parameters, secured=self.secured)
            self.taken.append(message)
            self.server.take(message)
        self.forget()
        self.reply(refusal or b"250 accepted")


def main():
    """As a program, for a network namespace: listen on PORT, refuse each RCPT
    for ROUNDS connections, keep what is accepted in DIRECTORY as files, the
    number of connections before that in DIRECTORY/connections."""
    import pathlib
    import sys

    address, port, rounds, directory = (sys.argv[1], int(sys.argv[2]),
                                        int(sys.argv[3]), sys.argv[4])
    folder = pathlib.Path(directory)

    def refuse(verb, _argument):
        if verb == b"RCPT" and server.connections <= rounds:
            return b"451 4.7.1 not yet, come back later"
        return None

    def record(message):
        (folder / "connections").write_text(str(server.connections),
                                            encoding="ascii")
        name = folder / f"message-{len(server.accepted)}"
        name.with_suffix(".tmp").write_bytes(message.data)
        name.with_suffix(".tmp").rename(name)

    server = Remote(("PIPELINING", "8BITMIME", "SIZE", "DSN"), port,
                    refuse, record, address)
    (folder / "ready").touch()
    threading.Event().wait()


if __name__ == "__main__":
    main()
