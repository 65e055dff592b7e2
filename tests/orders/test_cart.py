"""The cart's steps: put in, change, take out, bring back, repeat, merge, forget."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from market.catalogue.models import Product, Variant
from market.core import codes, db
from market.core.errors import NotFound
from market.directory.models import Merchant, MerchantStatus
from market.orders import cart as carts
from market.orders.models import Cart, CartLine, Substitution
from tests.conftest import Clock
from tests.factories.catalogue import make_product, only_variant
from tests.factories.orders import make_order, make_town
from tests.factories.people import make_user

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def goods() -> list[int]:
    """Two variants for sale."""
    with db.transaction() as s:
        return [only_variant(product) for product in make_town(s)]


def guest(s: Session) -> Cart:
    return carts.open_(s, token=None, user_id=None)


def content(cart_id: int) -> dict[int, int]:
    with db.reading() as s:
        rows = s.execute(sa.select(CartLine.variant_id, CartLine.quantity).where(CartLine.cart_id == cart_id))
        return {row.variant_id: row.quantity for row in rows}


class TestPuttingIn:
    def test_the_same_goods_again_make_one_line(self, goods: list[int]) -> None:
        with db.transaction() as s:
            cart = guest(s)
            carts.add(s, cart, goods[0], 2)
            carts.add(s, cart, goods[0])
            carts.add(s, cart, goods[1])
        assert content(cart.id) == {goods[0]: 3, goods[1]: 1}

    def test_a_line_never_grows_beyond_what_is_sane(self, goods: list[int]) -> None:
        with db.transaction() as s:
            cart = guest(s)
            for _ in range(3):
                carts.add(s, cart, goods[0], 500)
        assert content(cart.id) == {goods[0]: 999}

    @pytest.mark.parametrize("quantity", [0, -1, 1000])
    def test_a_quantity_out_of_bounds_is_refused(self, goods: list[int], quantity: int) -> None:
        with pytest.raises(carts.BadQuantity), db.transaction() as s:
            carts.add(s, guest(s), goods[0], quantity)

    def test_what_is_not_for_sale_cannot_be_put_in(self, goods: list[int]) -> None:
        with db.transaction() as s:
            merchant = s.scalars(sa.select(Merchant).join(Product).join(Variant).where(Variant.id == goods[0])).one()
            draft = make_product(s, merchant, name="Entwurf", published=False)
        for variant_id in (0, only_variant(draft)):
            with pytest.raises(NotFound), db.transaction() as s:
                carts.add(s, guest(s), variant_id)
        with pytest.raises(NotFound), db.transaction() as s:
            s.get_one(Merchant, merchant.id).status = MerchantStatus.PAUSED
            s.flush()
            carts.add(s, guest(s), goods[0])

    def test_a_cart_has_an_end(self, goods: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(carts, "MOST_LINES", 1)
        with pytest.raises(carts.CartFull, match="Mehr als 1"), db.transaction() as s:
            cart = guest(s)
            carts.add(s, cart, goods[0])
            carts.add(s, cart, goods[0])
            carts.add(s, cart, goods[1])


class TestChanging:
    def test_a_quantity_is_set_and_zero_removes(self, goods: list[int]) -> None:
        with db.transaction() as s:
            cart = guest(s)
            carts.add(s, cart, goods[0])
            carts.set_quantity(s, cart, goods[0], 7)
        assert content(cart.id) == {goods[0]: 7}
        with db.transaction() as s:
            carts.set_quantity(s, s.get_one(Cart, cart.id), goods[0], 0)
        assert content(cart.id) == {}

    def test_a_line_that_is_not_there_cannot_be_changed(self, goods: list[int]) -> None:
        with pytest.raises(NotFound), db.transaction() as s:
            carts.set_quantity(s, guest(s), goods[0], 3)

    def test_what_was_removed_comes_back_as_it_was(self, goods: list[int]) -> None:
        with db.transaction() as s:
            cart = guest(s)
            carts.add(s, cart, goods[0], 4)
            carts.set_substitution(s, cart, goods[0], Substitution.CALL)
            carts.remove(s, cart, goods[0])
        assert content(cart.id) == {}
        with db.transaction() as s:
            carts.undo(s, s.get_one(Cart, cart.id))
        assert content(cart.id) == {goods[0]: 4}
        with db.reading() as s:
            assert s.scalars(sa.select(CartLine.substitution)).one() is Substitution.CALL

    def test_nothing_comes_back_twice(self, goods: list[int]) -> None:
        with db.transaction() as s:
            cart = guest(s)
            carts.add(s, cart, goods[0])
            carts.remove(s, cart, goods[0])
            carts.undo(s, cart)
        with pytest.raises(carts.NothingToUndo), db.transaction() as s:
            carts.undo(s, s.get_one(Cart, cart.id))

    def test_removing_twice_keeps_the_first_removal(self, goods: list[int]) -> None:
        with db.transaction() as s:
            cart = guest(s)
            carts.add(s, cart, goods[0], 2)
            carts.remove(s, cart, goods[0])
            carts.remove(s, cart, goods[0])
            carts.undo(s, cart)
        assert content(cart.id) == {goods[0]: 2}


class TestOwners:
    def test_a_token_never_opens_the_cart_of_an_account(self, goods: list[int]) -> None:
        with db.transaction() as s:
            user = make_user(s)
            cart = carts.open_(s, token=None, user_id=user.id)
            carts.add(s, cart, goods[0])
        with db.reading() as s:
            assert carts.find(s, token=cart.token, user_id=None) is None
            assert carts.find(s, token=None, user_id=user.id) is not None
            assert carts.count(s, token=cart.token, user_id=None) == 0
            assert carts.count(s, token=None, user_id=user.id) == 1

    def test_somebody_without_a_cart_costs_no_query(self, goods: list[int]) -> None:
        with db.reading() as s:
            db.query_count.set(0)
            assert carts.count(s, token=None, user_id=None) == 0
            assert carts.find(s, token=None, user_id=None) is None
            assert db.query_count.get() == 0

    def test_opening_twice_gives_the_same_cart(self, goods: list[int]) -> None:
        with db.transaction() as s:
            user = make_user(s)
            first = carts.open_(s, token=None, user_id=user.id)
            assert carts.open_(s, token=None, user_id=user.id).id == first.id
            mine = guest(s)
            assert carts.open_(s, token=mine.token, user_id=None).id == mine.id
            assert guest(s).id != mine.id

    def test_at_login_the_guests_cart_becomes_the_accounts(self, goods: list[int]) -> None:
        with db.transaction() as s:
            user, cart = make_user(s), guest(s)
            carts.add(s, cart, goods[0], 2)
            carts.merge(s, cart.token, user.id)
        with db.reading() as s:
            found = carts.find(s, token=None, user_id=user.id)
            assert found is not None
            assert found.id == cart.id
            assert carts.find(s, token=cart.token, user_id=None) is None

    def test_two_carts_are_merged_without_doubling(self, goods: list[int]) -> None:
        with db.transaction() as s:
            user = make_user(s)
            mine, cart = carts.open_(s, token=None, user_id=user.id), guest(s)
            carts.add(s, mine, goods[0], 2)
            carts.add(s, cart, goods[0], 3)
            carts.add(s, cart, goods[1], 1)
            cart.draft = {"choices": {"name": "Karla"}}
            carts.merge(s, cart.token, user.id)
        assert content(mine.id) == {goods[0]: 3, goods[1]: 1}
        with db.reading() as s:
            assert [c.id for c in s.scalars(sa.select(Cart))] == [mine.id]
            assert s.get_one(Cart, mine.id).draft == {"choices": {"name": "Karla"}}

    def test_merging_nothing_changes_nothing(self, goods: list[int]) -> None:
        with db.transaction() as s:
            user = make_user(s)
            carts.merge(s, None, user.id)
            carts.merge(s, "unknown", user.id)
            assert carts.find(s, token=None, user_id=user.id) is None


class TestRepeating:
    @pytest.fixture
    def town(self, app: Flask) -> tuple[Product, Product]:
        with db.transaction() as s:
            return make_town(s)

    def test_the_accounts_last_order_comes_into_the_cart_again(
        self, town: tuple[Product, Product], frozen: Clock
    ) -> None:
        bread, toy = town
        with db.transaction() as s:
            user = make_user(s)
            make_order(s, (toy, 1), user_id=user.id)
        frozen.forward(hours=1)
        with db.transaction() as s:
            make_order(s, (bread, 3), user_id=user.id)
            cart = carts.open_(s, token=None, user_id=user.id)
            assert carts.repeat(s, cart, user_id=user.id) == carts.Repeated(1, ())
        assert content(cart.id) == {only_variant(bread): 3}

    def test_a_guest_repeats_an_order_by_its_key(self, town: tuple[Product, Product]) -> None:
        with db.transaction() as s:
            order = make_order(s, (town[0], 2))
            cart = guest(s)
            carts.repeat(s, cart, user_id=None, order_key=order.key)
        assert content(cart.id) == {only_variant(town[0]): 2}

    def test_what_is_in_the_cart_already_is_not_doubled(self, town: tuple[Product, Product]) -> None:
        with db.transaction() as s:
            order, cart = make_order(s, (town[0], 2)), guest(s)
            for _ in range(2):
                carts.repeat(s, cart, user_id=None, order_key=order.key)
        assert content(cart.id) == {only_variant(town[0]): 2}

    def test_goods_that_are_gone_are_named(self, town: tuple[Product, Product]) -> None:
        bread, toy = town
        with db.transaction() as s:
            order, cart = make_order(s, (bread, 2), (toy, 1)), guest(s)
            s.get_one(Merchant, toy.merchant_id).status = MerchantStatus.PAUSED
            s.flush()
            assert carts.repeat(s, cart, user_id=None, order_key=order.key).gone == ("Holzkreisel",)

    def test_a_guest_without_a_key_and_an_unknown_key_have_no_former_order(self, town: tuple[Product, Product]) -> None:
        with db.transaction() as s:
            make_order(s, (town[0], 1))
        for key in (None, codes.key()):
            with pytest.raises(carts.NoFormerOrder), db.transaction() as s:
                carts.repeat(s, guest(s), user_id=None, order_key=key)


class TestForgetting:
    def test_old_guests_carts_go_and_accounts_carts_stay(self, goods: list[int], frozen: Clock) -> None:
        with db.transaction() as s:
            mine, theirs = carts.open_(s, token=None, user_id=make_user(s).id), guest(s)
            carts.add(s, theirs, goods[0])
        frozen.forward(days=61)
        with db.transaction() as s:
            fresh = guest(s)
            carts.tidy(s)
            assert {cart.id for cart in s.scalars(sa.select(Cart))} == {mine.id, fresh.id}
            assert s.scalars(sa.select(CartLine)).all() == []

    def test_names_that_were_typed_and_not_ordered_go_after_two_days(self, goods: list[int], frozen: Clock) -> None:
        with db.transaction() as s:
            cart = guest(s)
            carts.add(s, cart, goods[0])
            carts.keep_draft(s, cart.id, {"choices": {"name": "Karla"}})
        frozen.forward(days=1)
        with db.transaction() as s:
            carts.tidy(s)
            assert s.get_one(Cart, cart.id).draft
        frozen.forward(days=2)
        with db.transaction() as s:
            carts.tidy(s)
            assert s.get_one(Cart, cart.id, populate_existing=True).draft == {}
        assert content(cart.id) == {goods[0]: 1}
