"""Named places between two writes where a test may kill the process, to see that nothing is lost or done twice.

    faults.point("payment.opened")       # does nothing, unless a test armed exactly this name

A test arms a point in a child process of its own: `faults.arm("payment.opened", lambda: os._exit(137))`.
Nothing in the market arms one: there is no switch, no variable and no page for it, and `arm` refuses to work when
the environment says production. A name that is not in POINTS is a bug in the code (or a typing mistake in a test).
"""

import os
from collections.abc import Callable

POINTS: frozenset[str] = frozenset(
    {
        "order.created",  # order, parts, lines and stock are written, nothing is committed
        "reservation.ended",  # the part is expired and its stock given back, not committed
        "order.placed",  # the order's transaction is committed, the payment page not asked for
        "payment.row",  # the payment row is committed, the gateway not called
        "payment.refused",  # the gateway said no to the page, we have not noted it
        "payment.opened",  # the gateway made a page, we do not know its address yet
        "payment.remembered",  # the address is committed, the shopper not sent there
        "webhook.stored",  # the event is committed, not answered
        "payment.fetched",  # the gateway said what is true, nothing is written
        "payment.found",  # a page whose address was lost is ours: its address is committed, nothing else
        "page.asked",  # the shopper pays again: the gateway said how the old page stands (or closed it), not noted
        "page.closed",  # the gateway closed a page as the hold ends, we have not noted it
        "payment.applied",  # the new state is written, not committed
        "payment.booked",  # ledger and confirmation are written, not committed
        "fee.fetched",  # the gateway said what it kept, nothing is written
        "hold.asked",  # the page is closed at the gateway, the hold still stands with us
        "hold.released",  # stock is given back, not committed
        "refund.row",  # the refund row is written, not committed
        "refund.called",  # the gateway gave the money back, we have not noted it
        "refund.refused",  # the gateway said no, we have not noted it
        "refund.failed",  # the gateway said that a refund came back, we have not noted it
        "refund.booked",  # noted in the ledger, not committed
        "transfer.row",  # the transfer row is written, not committed
        "transfer.called",  # the gateway passed the money on, we have not noted it
        "transfer.refused",  # the gateway said no, we have not noted it
        "transfer.booked",  # noted in the ledger, not committed
        "reversal.called",  # the gateway took the money back, we have not noted it
        "reversal.refused",  # the gateway said no, we have not noted it
        "reversal.booked",  # noted in the ledger, not committed
        "point.claimed",  # an order has its compartments at a pick-up point, nothing is committed
        "point.handed_over",  # the keeper gave it to the shopper, its compartment not free yet, not committed
        "point.overdue",  # nobody came: listed and told, not committed
        "planning.claimed",  # the day is claimed and its windows closed, nothing is planned
        "planning.solved",  # the plan is made and judged, nothing is stored
        "vehicle.out",  # the vehicle is out, its run gave back what it has not collected, not committed
        "order.moved",  # two runs are written anew, the move is noted, not committed
        "order.move_undone",  # the runs stand as before the move, not committed
        "run.ended",  # the run of a vehicle that fell out is over, not committed
        "stop.fixed",  # the run is written anew and the halt fixed, not committed
        "planning.stored",  # runs, stops and parcels are written, not committed
    }
)

_armed: dict[str, Callable[[], None]] = {}


def point(name: str) -> None:
    """A place where a test may strike. Costs a look into an empty dict."""
    if _armed and (strike := _armed.get(name)) is not None:
        strike()


def arm(name: str, strike: Callable[[], None]) -> None:
    """Tests only: call `strike` when this process comes by the point. Refuses in production and unknown names."""
    if os.environ.get("MARKET_ENV") == "production":
        raise RuntimeError("fault points cannot be armed in production")
    if name not in POINTS:
        raise KeyError(name)
    _armed[name] = strike


def disarm() -> None:
    """Forget everything armed."""
    _armed.clear()
