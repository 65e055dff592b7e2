"""The invented shops of the demo town, one module each: data only."""
