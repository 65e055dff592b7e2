"""Tests: merchants."""
