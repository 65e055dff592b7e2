"""Tests: public."""
