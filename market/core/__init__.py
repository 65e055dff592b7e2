"""What every room stands on: config, database, clock, money, outbox, mail, German text. Imports no Flask, no room."""
