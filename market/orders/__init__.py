"""Cart, order, parts and their life cycle, withdrawal."""
