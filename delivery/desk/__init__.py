"""The dispatcher's desk: the day, its windows, runs and leftovers; zones, templates and vehicles."""
