"""LDAP directories (OpenLDAP and others that speak RFC 4511): accounts as inetOrgPerson, rights as groups."""

from __future__ import annotations

from connectors.ldap.accounts import LdapConnector, connect

__all__ = ["LdapConnector", "connect"]
