"""A real OpenLDAP server for tests: started in a folder of its own on a free loopback port, gone afterwards."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.servers import NotInstalled
from tests.servers.ports import free_ports
from tests.servers.server import Server

HOW_TO_GET_IT = "slapd isn't installed (Debian: sudo apt-get install slapd ldap-utils)"
SUFFIX = "dc=example,dc=org"
SECRET = "writer-secret"
READER_SECRET = "reader-secret"

_CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
pidfile {home}/slapd.pid
argsfile {home}/slapd.args
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload refint
moduleload unique
moduleload ppolicy
sizelimit unlimited
TLSCertificateFile {home}/server.crt
TLSCertificateKeyFile {home}/server.key
password-hash {{SSHA}}
database mdb
suffix "{suffix}"
rootdn "cn=admin,{suffix}"
rootpw admin
directory {home}/db
maxsize 268435456
dbnosync
index objectClass,uid,mail,cn,member,memberOf,entryUUID,description eq
access to attrs=userPassword by dn.base="cn=idm,ou=services,{suffix}" =xw by anonymous auth by * none
access to *
  by dn.base="cn=idm,ou=services,{suffix}" write
  by dn.base="cn=reader,ou=services,{suffix}" read
  by self read
  by anonymous auth
  by * none
overlay memberof
memberof-group-oc groupOfNames
memberof-member-ad member
memberof-memberof-ad memberOf
memberof-refint TRUE
overlay refint
refint_attributes member manager
refint_nothing "cn=nobody,{suffix}"
overlay unique
unique_uri ldap:///ou=people,{suffix}?uid?sub
unique_uri ldap:///ou=people,{suffix}?mail?sub
unique_uri ldap:///ou=people,{suffix}?employeeNumber?sub
overlay ppolicy
ppolicy_default "cn=default,ou=policies,{suffix}"
ppolicy_hash_cleartext
"""
_ENTRIES = """
dn: {suffix}
objectClass: top
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: ou=people,{suffix}
objectClass: top
objectClass: organizationalUnit
ou: people

dn: ou=groups,{suffix}
objectClass: top
objectClass: organizationalUnit
ou: groups

dn: ou=services,{suffix}
objectClass: top
objectClass: organizationalUnit
ou: services

dn: cn=idm,ou=services,{suffix}
objectClass: top
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: idm
userPassword: {secret}

dn: cn=reader,ou=services,{suffix}
objectClass: top
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: {reader_secret}

dn: ou=policies,{suffix}
objectClass: top
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,{suffix}
objectClass: top
objectClass: pwdPolicy
objectClass: device
cn: default
pwdAttribute: userPassword
pwdLockout: TRUE
"""
_GROUP = """
dn: cn={group},ou=groups,{suffix}
objectClass: top
objectClass: groupOfNames
cn: {group}
member: cn=nobody,{suffix}
"""


def programs() -> Path:
    """The folder of slapd and slapadd. Raises `NotInstalled` if there is none."""
    found = shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin:/usr/local/sbin")
    if found is None or not Path("/etc/ldap/schema/inetorgperson.schema").exists():
        raise NotInstalled(HOW_TO_GET_IT)
    return Path(found).parent


class OpenLdapServer(Server):
    """OpenLDAP on a loopback port, set up as the directory simulator is: two services, unique values, a lock by policy."""

    name = "openldap"
    suffix = SUFFIX
    writer_dn = f"cn=idm,ou=services,{SUFFIX}"
    reader_dn = f"cn=reader,ou=services,{SUFFIX}"
    secret = SECRET
    reader_secret = READER_SECRET

    def __init__(self, groups: Sequence[str] = ()) -> None:
        self._programs = programs()
        super().__init__()
        self.port, self._tls_port = free_ports(2)
        (self.folder / "db").mkdir()
        self._make_certificates()
        self._config.write_text(_CONFIG.format(home=self.folder, suffix=SUFFIX))
        entries = self.folder / "entries.ldif"
        text = _ENTRIES.format(suffix=SUFFIX, secret=SECRET, reader_secret=READER_SECRET)
        entries.write_text(text + "".join(_GROUP.format(group=group, suffix=SUFFIX) for group in groups))
        self.run_once([self._programs / "slapadd", "-q", "-f", self._config, "-b", SUFFIX, "-l", entries])

    @property
    def url(self) -> str:
        """Where it listens; StartTLS is offered there too."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        """Where it listens under TLS from the first byte."""
        return f"ldaps://127.0.0.1:{self._tls_port}"

    @property
    def ca_file(self) -> Path:
        """The certificate to trust."""
        return self.folder / "server.crt"

    @property
    def _config(self) -> Path:
        return self.folder / "slapd.conf"

    def start(self) -> Self:
        """Start it, and return when it takes connections."""
        listeners = f"{self.url}/ {self.tls_url}/"
        self.process = self.launch([self._programs / "slapd", "-f", self._config, "-h", listeners, "-d", "0"])
        self.wait_ready(self._answers)
        return self

    def _answers(self) -> bool:
        # It begins to listen at one port after the other.
        with socket.socket() as plain, socket.socket() as encrypted:
            return plain.connect_ex(("127.0.0.1", self.port)) == encrypted.connect_ex(("127.0.0.1", self._tls_port)) == 0

    def _make_certificates(self) -> None:
        """A certificate of its own for localhost and 127.0.0.1, good for two days."""
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        files: list[str | Path] = ["-keyout", self.folder / "server.key", "-out", self.ca_file]
        self.run_once(["openssl", "req", "-x509", *key, "-subj", "/CN=localhost", "-addext", names, *files])
