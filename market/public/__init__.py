"""Every public page that shows more than one room. Views and queries only, no tables."""
