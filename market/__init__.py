"""The market. Sub-packages only; docs/architecture.md draws the one line of imports."""
