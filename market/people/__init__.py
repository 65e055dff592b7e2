"""Users, roles, login, consent and the audit log."""
