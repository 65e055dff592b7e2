"""Tests: law."""
