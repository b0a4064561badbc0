# SPDX-License-Identifier: ISC
"""Certificates for tests, made when they are needed: an authority of our own,
and what it signs."""
import pathlib
import subprocess

import house


def openssl(*args, data=None):
    done = subprocess.run(["openssl", *map(str, args)], input=data,
                          capture_output=True, check=False)
    house.want(done.returncode == 0, done.stderr.decode())
    return done.stdout


KEYS = {"ec": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        "rsa": ("-newkey", "rsa:2048")}


class Authority:
    def __init__(self, folder, name="Test Authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.cert = self.folder / "ca.pem"
        self.key = self.folder / "ca.key"
        openssl("req", "-x509", *KEYS["ec"], "-nodes", "-days", 30, "-subj",
                f"/CN={name}", "-keyout", self.key, "-out", self.cert,
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.serial = 1000

    def issue(self, file, names, kind="ec", days=30, email=None):
        """FILE.pem and FILE.key in the folder; their paths."""
        cert, key = (self.folder / f"{file}.{end}" for end in ("pem", "key"))
        request = self.folder / f"{file}.csr"
        alternatives = [f"DNS:{n}" for n in names]
        if email:
            alternatives.append(f"email:{email}")
        openssl("req", "-new", *KEYS[kind], "-nodes", "-subj",
                f"/CN={email or names[0]}", "-keyout", key, "-out", request)
        self.serial += 1
        extensions = self.folder / f"{file}.ext"
        extensions.write_text(
            "subjectAltName=" + ",".join(alternatives) + "\n"
            "extendedKeyUsage=serverAuth,clientAuth\n"
            "keyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n")
        openssl("x509", "-req", "-in", request, "-CA", self.cert, "-CAkey",
                self.key, "-set_serial", self.serial, "-days", days,
                "-extfile", extensions, "-out", cert)
        return cert, key

    def intermediate(self, name):
        """Another authority, below this one."""
        middle = Authority.__new__(Authority)
        middle.folder = self.folder / name
        middle.folder.mkdir()
        middle.cert = middle.folder / "ca.pem"
        middle.key = middle.folder / "ca.key"
        middle.serial = 1000
        request = middle.folder / "ca.csr"
        openssl("req", "-new", *KEYS["ec"], "-nodes", "-subj", f"/CN={name}",
                "-keyout", middle.key, "-out", request)
        extensions = middle.folder / "ca.ext"
        extensions.write_text("basicConstraints=critical,CA:TRUE\n"
                              "keyUsage=critical,keyCertSign,cRLSign\n")
        self.serial += 1
        openssl("x509", "-req", "-in", request, "-CA", self.cert, "-CAkey",
                self.key, "-set_serial", self.serial, "-days", 30, "-extfile",
                extensions, "-out", middle.cert)
        return middle
