"""A quick look at how well an order fits a window's tour: the price for it, its speed, and its queries."""

from __future__ import annotations

import pytest

from delivery import fit, windows
from delivery.fit import Booked, extra_s
from delivery.travel import Point
from market.core import db
from tests.delivery.day import CENTRE, make_market_day

DEPOT = CENTRE
VILLAGE: Point = (51.0690, 12.2280)
NEXT_DOOR: Point = (51.0691, 12.2282)


def test_a_neighbour_of_a_booked_door_adds_next_to_nothing_and_a_far_village_a_lot() -> None:
    shop = {1: (51.0495, 12.1360)}
    tour = Booked(shop, [VILLAGE, (51.0500, 12.1300)])
    assert extra_s(tour, NEXT_DOOR, shop, depot=DEPOT) < 30
    assert extra_s(Booked(shop, [(51.0500, 12.1300)]), NEXT_DOOR, shop, depot=DEPOT) > 1_000


def test_a_shop_the_tour_would_not_visit_costs_its_stop() -> None:
    tour = Booked({1: (51.0495, 12.1360)}, [VILLAGE])
    with_new = extra_s(tour, NEXT_DOOR, {1: (51.0495, 12.1360), 2: (51.0496, 12.1361)}, depot=DEPOT)
    assert with_new >= fit.SHOP_S
    assert with_new - extra_s(tour, NEXT_DOOR, {1: (51.0495, 12.1360)}, depot=DEPOT) < fit.SHOP_S + 60


def test_the_door_is_never_put_before_the_shops() -> None:
    """The order's own shop lies beyond the door: passing the door on the way there does not help."""
    far_shop = {2: (51.0690, 12.2300)}
    tour = Booked({1: (51.0495, 12.1360)}, [(51.0500, 12.1300)])
    assert extra_s(tour, NEXT_DOOR, far_shop, depot=DEPOT) > extra_s(tour, NEXT_DOOR, {}, depot=DEPOT) * 0.5


@pytest.mark.usefixtures("database", "app")
def test_only_windows_with_a_booking_nearby_fit_well() -> None:
    market_day = make_market_day(shops=1)
    market_day.order([0], lat=VILLAGE[0], lon=VILLAGE[1])
    with db.reading() as s:
        shops = dict(fit.booked(s, [market_day.window_id])[market_day.window_id].shops)
        near = fit.well_fitting(s, [market_day.window_id], NEXT_DOOR, shops, depot=DEPOT)
        far = fit.well_fitting(s, [market_day.window_id], (51.10, 12.00), shops, depot=DEPOT)
        nobody = fit.well_fitting(s, [], NEXT_DOOR, shops, depot=DEPOT)
    assert (near, far, nobody) == ({market_day.window_id}, set(), set())


@pytest.mark.usefixtures("database", "app")
def test_an_order_that_gave_its_place_back_attracts_nobody() -> None:
    market_day = make_market_day(shops=1)
    order_id = market_day.order([0], lat=VILLAGE[0], lon=VILLAGE[1])
    with db.transaction() as s:
        windows.release(s, order_id)
    with db.reading() as s:
        assert fit.well_fitting(s, [market_day.window_id], NEXT_DOOR, {}, depot=DEPOT) == set()
