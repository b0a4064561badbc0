# SPDX-License-Identifier: ISC
"""xinetd on loopback: one process executed for each connection, as root."""
import subprocess

import count
import peers
from works import house


class Xinetd:
    def __init__(self, folder, services, wrap=list):
        """services: name -> command; wrap: how xinetd itself is started."""
        self.ports = {name: house.free_port() for name in services}
        text = "defaults\n{\n log_type = FILE /dev/null\n}\n"
        for name, (server, *args) in services.items():
            text += (f"service {name}\n{{\n type = UNLISTED\n"
                     f" port = {self.ports[name]}\n"
                     " socket_type = stream\n protocol = tcp\n wait = no\n"
                     " user = root\n bind = 127.0.0.1\n instances = 500\n"
                     " cps = 100000 1\n per_source = UNLIMITED\n"
                     f" server = {server}\n"
                     + (f" server_args = {' '.join(args)}\n" if args else "")
                     + "}\n")
        conf = folder / "xinetd.conf"
        conf.write_text(text)
        self.process = subprocess.Popen(
            wrap(["xinetd", "-dontfork", "-f", str(conf), "-pidfile",
                  str(folder / "pid")]),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for port in self.ports.values():
            peers.dial(port).close()

    def pids(self):
        return count.descendants(self.process.pid)

    def close(self):
        self.process.terminate()
        self.process.wait()
