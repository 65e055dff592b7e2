"""Things to test with, made through the use cases. One module per room; import from the room's module:

    from tests.factories.people import make_user, sign_in
    from tests.factories.directory import make_merchant, make_shop

Every `make_x(s, ...)` is a step: it takes a session, flushes and returns the row; the test's transaction commits.
"""
