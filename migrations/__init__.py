"""Alembic migrations, and the triggers and full-text tables no model can express (extras.py)."""
