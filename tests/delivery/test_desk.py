"""The dispatcher's desk: plan, assign, print, enter a paper sheet, decide about leftovers, change settings."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import outcomes, planning, results
from delivery.models import (
    DeliveryWindow,
    Parcel,
    Run,
    RunState,
    Stop,
    Unserved,
    Vehicle,
    WindowState,
    WindowTemplate,
    Zone,
)
from market.catalogue.models import Product
from market.core import db
from market.core.money import Money
from market.directory import merchants
from market.directory.models import Shop
from market.orders.models import MerchantOrder, PartState
from market.people.models import AuditEntry
from tests.conftest import Clock
from tests.delivery.day import MarketDay, make_market_day, part_states
from tests.factories.delivery import make_template, make_vehicle, make_window, make_zone
from tests.factories.people import make_caretaker, make_courier, make_editor, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def market(app: Flask) -> MarketDay:
    made = make_market_day(shops=2)
    made.order([0, 1])
    made.order([1])
    return made


def run_code() -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Run.code).where(Run.state != RunState.DISCARDED)).one()


def rows() -> dict[str, str]:
    """Every row of the sheet form as it stands when nothing is changed."""
    sent = {"key": "sheet-key"}
    with db.reading() as s:
        for parcel in s.scalars(sa.select(Parcel)):
            sent[f"parcel_{parcel.id}"] = "picked_up"
            door = s.get_one(Stop, parcel.drop_stop_id)
            order_id = s.get_one(MerchantOrder, parcel.part_id).order_id
            sent[f"result_{door.position}_{order_id}"] = "delivered"
    return sent


def test_the_button_closes_plans_and_says_so(operator: FlaskClient, market: MarketDay) -> None:
    before = operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert "2 von 100" in before
    assert "buchbar" in before
    after = operator.post("/betrieb/touren/planen", data={"day": market.day.isoformat()}, follow_redirects=True).text
    assert "geplant: 1 Tour, 2 Bestellungen." in after
    assert f'data-test="run" data-code="{run_code()}"' in after
    again = operator.post("/betrieb/touren/planen", data={"day": market.day.isoformat()}, follow_redirects=True).text
    assert "nichts verändert" in again
    with db.reading() as s:
        assert s.get_one(DeliveryWindow, market.window_id).state is WindowState.PLANNED
        assert s.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "delivery.planned")) == 1


def test_without_a_day_the_desk_shows_the_next_deliveries(operator: FlaskClient, market: MarketDay) -> None:
    assert "2 von 100" in operator.get("/betrieb/touren/").text


@pytest.mark.parametrize("nonsense", ["gestern", "0001-01-01", "9999-12-31"])
def test_nonsense_days_are_not_found(operator: FlaskClient, nonsense: str) -> None:
    for page in ("", "karte.json", "drucken", "faellt-aus"):
        assert operator.get(f"/betrieb/touren/{page}?tag={nonsense}").status_code == 404
    for action in ("planen", "verwerfen", "einfuegen"):
        assert operator.post(f"/betrieb/touren/{action}", data={"day": nonsense}).status_code == 404


def test_where_nothing_is_planned_printing_leads_back_to_the_day(operator: FlaskClient) -> None:
    answer = operator.get("/betrieb/touren/drucken?tag=2026-11-25", follow_redirects=True)
    assert answer.status_code == 200
    assert "Es gibt nichts zu drucken." in answer.text


def test_a_day_without_windows_promises_no_planning(operator: FlaskClient, market: MarketDay, frozen: Clock) -> None:
    promise = "mit dem Knopf oben geht es sofort"
    assert promise in operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert promise not in operator.get("/betrieb/touren/?tag=2026-12-24").text
    frozen.forward(days=5)
    page = operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert promise not in page
    assert "An diesem Tag wurde nichts gefahren." in page


def test_a_past_day_is_refused_with_a_sentence(operator: FlaskClient, market: MarketDay, frozen: Clock) -> None:
    frozen.forward(days=5)
    sent = operator.post("/betrieb/touren/planen", data={"day": market.day.isoformat()}, follow_redirects=True)
    assert "ist vorbei" in sent.text


@pytest.mark.parametrize("make", [make_courier, make_editor])
def test_only_operator_and_caretaker_may(client: FlaskClient, market: MarketDay, make: object) -> None:
    planning.plan_day(market.day)
    with db.transaction() as s:
        user = make(s)  # type: ignore[operator]  # a factory
    sign_in(client, user)
    for path in ("/", f"/{run_code()}/blatt", f"/{run_code()}/ergebnis", "/einstellungen"):
        assert client.get(f"/betrieb/touren{path}").status_code == 403


def test_the_caretaker_plans_but_does_not_set_prices(client: FlaskClient, market: MarketDay) -> None:
    with db.transaction() as s:
        user = make_caretaker(s)
    sign_in(client, user)
    assert client.get("/betrieb/touren/").status_code == 200
    assert client.get("/betrieb/touren/einstellungen").status_code == 403


def test_a_courier_is_assigned(operator: FlaskClient, market: MarketDay) -> None:
    planning.plan_day(market.day)
    with db.transaction() as s:
        courier, editor = make_courier(s).id, make_editor(s).id
    answer = operator.post(f"/betrieb/touren/{run_code()}/kurier", data={"courier": str(courier)})
    assert answer.status_code == 303
    assert "Kuno Kurier" in operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert operator.post(f"/betrieb/touren/{run_code()}/kurier", data={"courier": str(editor)}).status_code == 409
    with db.reading() as s:
        assert s.scalars(sa.select(Run.courier_id)).one() == courier
    operator.post(f"/betrieb/touren/{run_code()}/kurier", data={"courier": "0"})
    with db.reading() as s:
        assert s.scalars(sa.select(Run.courier_id)).one() is None


def test_a_plan_is_discarded(operator: FlaskClient, market: MarketDay) -> None:
    planning.plan_day(market.day)
    page = operator.post("/betrieb/touren/verwerfen", data={"day": market.day.isoformat()}, follow_redirects=True)
    assert "1 geplante Tour verworfen" in page.text
    assert "Noch keine Touren" in page.text


def test_sheets_are_printed_one_by_one_and_all_at_once(operator: FlaskClient, market: MarketDay) -> None:
    planning.plan_day(market.day)
    assert operator.get(f"/betrieb/touren/{run_code()}/blatt.pdf").data.startswith(b"%PDF")
    assert "Karla Muster 1" in operator.get(f"/betrieb/touren/{run_code()}/blatt").text
    page = operator.get(f"/betrieb/touren/drucken?tag={market.day}").text
    assert page.count('data-test="sheet"') == 1
    assert "Karla Muster 2" in page
    assert operator.get("/betrieb/touren/T999/blatt.pdf").status_code == 404


def test_a_paper_sheet_is_entered(operator: FlaskClient, market: MarketDay) -> None:
    planning.plan_day(market.day)
    assert 'data-test="stop"' in operator.get(f"/betrieb/touren/{run_code()}/ergebnis").text
    sent = rows()
    failed = next(name for name in sent if name.startswith("result_") and name.endswith(f"_{market.orders[1]}"))
    answer = operator.post(f"/betrieb/touren/{run_code()}/ergebnis", data=sent | {failed: "nobody"})
    assert answer.status_code == 303
    assert part_states(market.orders[0]) == [PartState.HANDED_OVER] * 2
    assert part_states(market.orders[1]) == [PartState.READY]
    with db.reading() as s:
        assert s.scalars(sa.select(Run.state)).one() is RunState.FINISHED
    page = operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert "niemand angetroffen" in page
    assert planning.plan_day(market.day).unserved == (), "it was planned, and driven"
    assert "alle Ergebnisse sind eingetragen" in operator.get(f"/betrieb/touren/{run_code()}/ergebnis").text


def test_a_sheet_that_contradicts_a_phone_says_so(operator: FlaskClient, market: MarketDay, frozen: Clock) -> None:
    planning.plan_day(market.day)
    frozen.forward(days=2)
    sent = rows()  # the page is open while a phone in a cellar gets its network back
    with db.transaction() as s:
        driver = make_courier(s).id
        s.execute(sa.update(Run).values(courier_id=driver))
    doors = {name.rpartition("_")[2]: name for name in sent if name.startswith("result_")}
    for order_id, failure in ((market.orders[0], None), (market.orders[1], outcomes.Failure.NOBODY)):
        position = int(doors[str(order_id)].split("_")[1])
        said = outcomes.Dropped(order_id, failure)
        results.report_drop(run_code(), position, said, key=f"phone-{order_id}", actor=outcomes.Actor(driver))
    answer = operator.post(f"/betrieb/touren/{run_code()}/ergebnis", data=sent, follow_redirects=True)
    assert part_states(market.orders[1]) == [PartState.READY], "the phone's word stands"
    warned = re.search(r"Halt ([^:]+): Ein Telefon hatte schon etwas anderes gemeldet", answer.text)
    assert warned is not None
    assert "," not in warned[1], "only the door they disagree about"


def test_a_wrong_row_is_marked_and_nothing_is_kept(operator: FlaskClient, market: MarketDay) -> None:
    planning.plan_day(market.day)
    sent = rows()
    failed = next(name for name in sent if name.startswith("result_") and name.endswith(f"_{market.orders[1]}"))
    answer = operator.post(f"/betrieb/touren/{run_code()}/ergebnis", data=sent | {failed: "other"})
    assert answer.status_code == 422
    note = failed.replace("result_", "note_")
    assert f'id="{note}-error"' in answer.text
    assert "Bitte schreiben Sie kurz, was los war." in answer.text
    assert part_states(market.orders[0]) == [PartState.ACCEPTED] * 2


def test_where_no_card_was_asked_for_none_was_missing(operator: FlaskClient, market: MarketDay) -> None:
    planning.plan_day(market.day)
    sent = rows()
    address = f"/betrieb/touren/{run_code()}/ergebnis"
    assert "kein Ausweis" not in operator.get(address).text
    door = next(name for name in sent if name.startswith("result_"))
    assert operator.post(address, data=sent | {door: "age"}).status_code == 422
    assert part_states(market.orders[0]) == [PartState.ACCEPTED] * 2


def test_what_a_sheet_lacks_is_told_with_its_halt(app: Flask, operator: FlaskClient) -> None:
    market = make_market_day(shops=1)
    with db.transaction() as s:
        s.execute(sa.update(Product).values(min_age=16))
    market.order([0])
    market.order([0])
    planning.plan_day(market.day)
    answer = operator.post(f"/betrieb/touren/{run_code()}/ergebnis", data=rows())
    assert answer.status_code == 422
    summary = answer.text.split('class="error-summary')[1].split("</div>")[0]
    for halt in (1, 2):
        assert f"Halt {halt}: Ausweis 16+ geprüft" in summary


def test_a_leftover_is_moved_by_hand(operator: FlaskClient, market: MarketDay) -> None:
    with db.transaction() as s:
        for shop in s.scalars(sa.select(Shop)):
            merchants.add_exception(s, shop.id, market.day, market.day)
    planning.plan_day(market.day)
    path = f"/betrieb/touren/offen/{market.orders[0]}/verschieben"
    day = {"day": market.day.isoformat()}
    assert "kein späteres Lieferfenster" in operator.post(path, data=day, follow_redirects=True).text
    with db.transaction() as s:
        later = make_window(s, day=market.day + timedelta(days=3)).id
    assert "Verschoben auf" in operator.post(path, data=day, follow_redirects=True).text
    with db.reading() as s:
        row = s.scalars(sa.select(Unserved).where(Unserved.order_id == market.orders[0])).one()
        assert row.rolled_to_id == later
    assert operator.post(path, data=day).status_code == 404


def test_after_two_weeks_the_addresses_are_hidden(operator: FlaskClient, market: MarketDay, frozen: Clock) -> None:
    planning.plan_day(market.day)
    code = run_code()
    frozen.forward(days=2 + 14)
    assert "Gartenweg 1" in operator.get(f"/betrieb/touren/?tag={market.day}").text
    frozen.forward(days=1)
    page = operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert "Gartenweg" not in page
    assert "nicht mehr zu sehen" in page
    for path in ("blatt.pdf", "blatt"):
        assert operator.get(f"/betrieb/touren/{code}/{path}").status_code == 404


class TestSettings:
    @pytest.fixture
    def ids(self, app: Flask) -> dict[str, int]:
        with db.transaction() as s:
            zone = make_zone(s, ("06712", ""))
            return {"zone": zone.id, "template": make_template(s).id, "vehicle": make_vehicle(s, name="Rad").id}

    def test_a_fee_is_changed(self, operator: FlaskClient, ids: dict[str, int]) -> None:
        assert "2,90" in operator.get(f"/betrieb/touren/einstellungen/gebiet/{ids['zone']}").text
        sent = {"name": "Innenstadt", "fee": "3,50", "minimum": "10", "active": "y"}
        assert operator.post(f"/betrieb/touren/einstellungen/gebiet/{ids['zone']}", data=sent).status_code == 303
        with db.reading() as s:
            zone = s.get_one(Zone, ids["zone"])
            assert (zone.fee, zone.minimum, zone.active) == (Money(350), Money(1000), True)

    @pytest.mark.parametrize("fee", ["", "viel", "-1", "501"])
    def test_a_wrong_fee_gets_a_sentence_and_stays(self, operator: FlaskClient, ids: dict[str, int], fee: str) -> None:
        answer = operator.post(
            f"/betrieb/touren/einstellungen/gebiet/{ids['zone']}", data={"name": "X", "fee": fee, "minimum": "0"}
        )
        assert answer.status_code == 422
        assert "zum Beispiel 3,90" in answer.text
        assert f'value="{fee}"' in answer.text

    def test_a_template_is_changed_and_made(self, operator: FlaskClient, ids: dict[str, int]) -> None:
        sent = {
            "weekday": "5", "starts": "10:00", "ends": "12:30", "cutoff_minutes": "120", "capacity": "8",
            "minimum_orders": "3", "surcharge": "0,50", "zone_id": str(ids["zone"]), "active": "y",
        }  # fmt: skip
        path = f"/betrieb/touren/einstellungen/fenster/{ids['template']}"
        assert operator.get(path).status_code == 200
        assert operator.post(path, data=sent).status_code == 303
        made = operator.post("/betrieb/touren/einstellungen/fenster/neu", data=sent | {"zone_id": "0"})
        assert made.status_code == 303
        with db.reading() as s:
            old, new = s.scalars(sa.select(WindowTemplate).order_by(WindowTemplate.id))
            assert (old.weekday, old.capacity, old.zone_id, old.surcharge) == (5, 8, ids["zone"], Money(50))
            assert new.zone_id is None
        wrong = operator.post(path, data=sent | {"ends": "09:00", "capacity": "viele"})
        assert wrong.status_code == 422
        assert "ganze Zahl von 0 bis 500" in wrong.text
        wrong = operator.post(path, data=sent | {"ends": "09:00"})
        assert "Das Ende muss nach dem Anfang liegen." in wrong.text

    def test_a_window_has_places_for_as_many_as_it_needs(self, operator: FlaskClient, ids: dict[str, int]) -> None:
        sent = {
            "weekday": "5", "starts": "10:00", "ends": "12:30", "cutoff_minutes": "120", "capacity": "5",
            "surcharge": "0", "zone_id": str(ids["zone"]), "active": "y",
        }  # fmt: skip
        path = f"/betrieb/touren/einstellungen/fenster/{ids['template']}"
        answer = operator.post(path, data=sent | {"minimum_orders": "6"})
        assert answer.status_code == 422
        assert 'id="minimum_orders-error"' in answer.text
        assert "Es würde nie gefahren." in answer.text
        assert operator.post(path, data=sent | {"minimum_orders": "5"}).status_code == 303

    def test_a_vehicle_is_changed_and_made(self, operator: FlaskClient, ids: dict[str, int]) -> None:
        sent = {
            "name": "Lastenrad Lotte", "kind": "cargo_bike", "max_weight_kg": "120", "max_volume_l": "300",
            "max_cooled_l": "40", "shift_from": "14:00", "shift_to": "19:00", "driver_id": "0",
            "break_minutes": "0", "active": "y",
        }  # fmt: skip
        assert operator.post("/betrieb/touren/einstellungen/fahrzeug/neu", data=sent).status_code == 303
        path = f"/betrieb/touren/einstellungen/fahrzeug/{ids['vehicle']}"
        assert operator.get(path).status_code == 200
        taken = operator.post(path, data=sent)
        assert taken.status_code == 422
        assert "So heißt schon ein anderes Fahrzeug." in taken.text
        cold = operator.post(path, data=sent | {"name": "Rad", "max_cooled_l": "400"})
        assert "kann nicht größer sein" in cold.text
        with db.reading() as s:
            new = s.scalars(sa.select(Vehicle).where(Vehicle.name == "Lastenrad Lotte")).one()
            assert (new.max_weight_g, new.max_cooled_ml, new.driver_id) == (120_000, 40_000, None)
        listed = operator.get("/betrieb/touren/einstellungen").text
        assert "Lastenrad Lotte" in listed

    def test_unknown_things_are_not_found(self, operator: FlaskClient) -> None:
        for path in ("gebiet/999", "fenster/999", "fahrzeug/999"):
            assert operator.get(f"/betrieb/touren/einstellungen/{path}").status_code == 404
