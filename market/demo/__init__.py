"""The demo town and the bulk catalogue, built through the use cases."""
