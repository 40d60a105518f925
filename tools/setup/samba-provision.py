"""Makes an empty Active Directory domain in a folder, as a user to whom one uid is mapped.

Run as root of a user namespace with Samba's /usr laid over the system's; the arguments are samba-tool's.
"""

import sys

import samba.provision
from samba.netcmd.main import cmd_sambatool

# The rights of the SYSVOL share want chown to ids that are not mapped here, and Samba's file server panics over it.
# LDAP does not look at that share.
samba.provision.setsysvolacl = lambda *args, **options: None

sys.exit(cmd_sambatool()._run("samba-tool", *sys.argv[1:]) or 0)
