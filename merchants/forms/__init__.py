"""Forms of the back office: they check shape and speak German; rules about the world live in the use cases."""
