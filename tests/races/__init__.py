"""Tests: races."""
