"""Tests: directory."""
