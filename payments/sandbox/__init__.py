"""Our stateful Stripe double: a process of its own, for demo and tests. No money moves here (docs/sandbox.md).

It shares no code with the market and talks to it by HTTP only.

    __main__   command line, server, clean stop        pages     hosted page, console, sign-up page (German)
    app        puts it together, guards the door       control   failure switches for tests (POST /_control)
    api        the HTTP shape of Stripe's API          schema    parameters against the installed library's types
    checkout   sessions, payment intents, charges      webhooks  events, their queue and the threads that deliver them
    moves      refunds, transfers, reversals, balance  store     one SQLite file, one transaction at a time
    accounts   v2 accounts and sign-up links           answers   error bodies, lists, expansion
"""
