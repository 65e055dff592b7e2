"""Zones, windows and bookings, travel times, the batcher, runs, route sheet, courier pages, dispatcher's desk."""
