"""The Flask side of core: forms, CSRF, headers, filters, login guards, the one error handler, rate limits."""
