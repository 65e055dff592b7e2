"""Merchants, shops, opening hours and the one calendar function, places and pins, openings and their feeds."""
