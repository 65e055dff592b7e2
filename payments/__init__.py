"""Checkout, the Stripe gateway and its sandbox double, ledger, refunds, payouts, webhooks."""
