"""The dispatcher's desk in a real browser: map, timeline and list; an order moves by keyboard, by mouse and without a
script; a stand-in opens a day link; every page is for everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_access_for_all import Watched
from tests.browser.tour import OPERATOR, Tour, tour
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """A market with one planned run of five orders and an idle van."""
    with tour(tmp_path_factory.mktemp("desk") / "instance", 5, vehicles=2) as made:
        yield made


@pytest.fixture
def desk(browser: Browser, day: Tour) -> Iterator[Watched]:
    """The operator at the desk, with a script."""
    context = browser.new_context(base_url=day.market.url, viewport=DESKTOP, locale="de-DE", reduced_motion="reduce")
    context.set_default_timeout(30_000)
    watched = Watched(context, day.market.url)
    sign_in(watched.page)
    yield watched
    watched.page.goto(board(day))
    if watched.page.locator("[data-test=undo-move]").count():  # a test that failed half way must not fail the next one
        watched.page.locator("[data-test=undo-move]").click()
    context.close()


def sign_in(page: Page) -> None:
    page.goto("/anmelden")
    page.fill("[name=email]", OPERATOR)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_load_state()


def board(day: Tour) -> str:
    return f"/betrieb/touren/?tag={day.day}"


def press(page: Page, hook: str, key: str = "Enter") -> None:
    """Reach the control and press a key on it: no mouse. A page still loading would jump to its anchor in between."""
    page.wait_for_load_state()
    page.locator(hook).first.press(key)


def test_the_map_shows_what_the_list_says(desk: Watched, day: Tour) -> None:
    page = desk.page
    page.goto(board(day))
    expect(page.locator("#map .map-halt").first).to_be_visible()
    on_map = {text.strip() for text in page.locator("#map .map-halt").all_text_contents()}
    listed = {text.strip() for text in page.locator(".map-run li b").all_text_contents()}
    assert on_map == listed
    assert page.locator("#map path.map-way.run-0").count() == 1
    expect(page.locator(".timeline svg[role=img]")).to_be_visible()
    assert desk.wrong == [], "no other host, nothing refused by the policy"


COVERED = """() => {
    const signs = [...document.querySelectorAll("#map .map-halt, #map .map-depot")];
    const boxes = signs.map((sign) => sign.getBoundingClientRect());
    return boxes.flatMap((a, n) => boxes.slice(n + 1).filter((b) =>
        a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length;
}"""


def test_signs_on_the_map_never_cover_each_other_at_any_zoom(desk: Watched, day: Tour) -> None:
    page = desk.page
    page.goto(board(day))
    expect(page.locator("#map .map-halt").first).to_be_visible()
    page.evaluate("document.querySelector('#map').scrollIntoView()")
    signs = page.locator("#map .map-halt, #map .map-depot").count()
    assert signs == 8, "two shops, five doors and where the vans start"
    for _ in range(4):
        assert page.evaluate(COVERED) == 0
        before = page.locator("#map .leaflet-control-scale-line").first.inner_text()
        page.locator("#map .leaflet-control-zoom-out").click()
        expect(page.locator("#map .leaflet-control-scale-line").first).not_to_have_text(before)
    assert page.evaluate(COVERED) == 0
    assert page.locator("#map .map-leader").count() > 0, (
        "from far away signs stand beside their point, with a line to it"
    )
    assert page.locator("#map .map-halt, #map .map-depot").count() == signs
    assert desk.wrong == []


FILLED = """() => {
    const [way, map] = ["#map path.map-way", "#map"].map((one) => document.querySelector(one).getBoundingClientRect());
    return Math.max(way.width / (map.width - 60), way.height / (map.height - 60));
}"""


def test_the_days_runs_fill_the_map(desk: Watched, day: Tour) -> None:
    page = desk.page
    for width in (DESKTOP["width"], 1100, 900, 700, 500):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(board(day))
        expect(page.locator("#map .map-halt").first).to_be_visible()
        assert page.evaluate(FILLED) > 0.8, "nobody has to come nearer first"


def test_an_order_moves_by_keyboard_and_comes_back(desk: Watched, day: Tour) -> None:
    page = desk.page
    page.goto(board(day))
    press(page, "[data-test=run] details:has([data-test=stop]) summary")
    press(page, "[data-test=move]")
    page.wait_for_url("**/umladen/*")
    expect(page.locator("[data-test=way]")).to_contain_text("Fahrzeit")
    press(page, "input[name=vehicle]", "Space")
    press(page, "[data-test=move-now]")
    expect(page.locator(".flash--success")).to_contain_text("Umgeladen")
    expect(page.locator("[data-test=run]")).to_have_count(2)
    press(page, "[data-test=undo-move]")
    expect(page.locator(".flash--success")).to_contain_text("Rückgängig gemacht")
    expect(page.locator("[data-test=run]")).to_have_count(1)
    assert desk.wrong == []


def test_a_halt_gets_its_place_by_keyboard_carries_a_lock_and_is_let_go(desk: Watched, day: Tour) -> None:
    page = desk.page
    page.goto(board(day))
    press(page, "[data-test=run] details:has([data-test=stop]) summary")
    press(page, "[data-test=run] [data-test=stop]:nth-last-child(2) [data-test=place-link]")
    page.wait_for_url("**/halt/*")
    expect(page.locator("[data-test=place]").first).to_contain_text("Geht nicht")
    press(page, "[data-test=place]:last-of-type input", "Space")
    press(page, "[data-test=place-now]")
    expect(page.locator(".flash--success")).to_contain_text("Der Halt behält seinen Platz.")
    expect(page.locator("[data-test=fixed-stop]")).to_contain_text("letzter Halt")
    desk.visit(board(day))
    page.set_viewport_size(DESKTOP)
    page.goto(board(day))
    press(page, "[data-test=undo-move]")
    expect(page.locator("[data-test=fixed-stop]")).to_have_count(0)
    assert desk.wrong == []


def make_two_runs(page: Page, day: Tour) -> None:
    """One door goes to the other vehicle."""
    page.goto(board(day))
    page.locator("[data-test=run] details:has([data-test=stop]) summary").first.click()
    page.locator("[data-test=move]").first.click()
    page.locator("input[name=vehicle]").first.check()
    page.locator("[data-test=move-now]").click()
    expect(page.locator(".map-run[data-vehicle]")).to_have_count(2)


def test_a_door_is_dragged_onto_another_run_and_nothing_moves_before_the_button(desk: Watched, day: Tour) -> None:
    page = desk.page
    make_two_runs(page, day)
    page.wait_for_load_state()  # it jumps to what happened when it is there: not under the dragging hand
    expect(page.locator(".map-halt").first).to_be_visible()  # nor does the map, which moves the list when it comes
    page.evaluate("document.querySelector('.map-list').style.height = 'auto'")  # both runs on the screen at once
    source = page.locator(".map-run", has=page.locator("li[data-move]")).first
    target = page.locator(".map-run[data-vehicle]").nth(1)
    source.locator("li[data-move]").first.drag_to(target.locator("p"))
    page.wait_for_url("**/umladen/*?auf=*")
    expect(page.locator("input[name=vehicle]:checked")).to_have_count(1)
    page.goto(board(day))
    expect(page.locator("[data-test=run]")).to_have_count(2)
    page.locator("[data-test=undo-move]").click()
    expect(page.locator("[data-test=run]")).to_have_count(1)


def test_a_run_out_of_reach_lies_at_the_edge_while_a_door_is_dragged(desk: Watched, day: Tour) -> None:
    page = desk.page
    make_two_runs(page, day)
    page.goto(board(day))
    expect(page.locator(".map-halt").first).to_be_visible()  # the map moves the list when it comes
    page.evaluate("document.querySelector('.map-list').style.height = '7rem'")  # a long list: one run is out of sight
    first = page.locator(".map-run", has=page.locator("li[data-move]")).first
    first.locator("li[data-move]").first.hover()
    page.mouse.down()
    box = first.locator("li[data-move]").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 12, steps=4)
    edge = page.locator(".drop-bar > div:visible")
    expect(edge).to_have_count(1)
    edge.hover()
    edge.hover()  # the browser says what is dragged over with the second move
    expect(edge).to_have_class("map-run--target")
    page.mouse.up()
    page.wait_for_url("**/umladen/*?auf=*")
    expect(page.locator("input[name=vehicle]:checked")).to_have_count(1)
    page.goto(board(day))
    expect(page.locator(".drop-bar")).to_be_hidden()
    page.locator("[data-test=undo-move]").click()
    expect(page.locator("[data-test=run]")).to_have_count(1)


def test_without_a_script_list_timeline_and_move_are_complete(browser: Browser, day: Tour) -> None:
    context = browser.new_context(base_url=day.market.url, viewport=PHONE, locale="de-DE", java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto(board(day))
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator(".map-run li").first).to_be_visible()
    expect(page.locator(".timeline svg[role=img]")).to_be_visible()
    page.locator("[data-test=run] details:has([data-test=stop]) summary").first.click()
    page.locator("[data-test=move]").first.click()
    page.locator("[data-test=way]").first.click()
    page.locator("[data-test=move-now]").click()
    expect(page.locator("main")).to_contain_text("Umgeladen")
    page.locator("[data-test=undo-move]").click()
    expect(page.locator("main")).to_contain_text("Rückgängig gemacht")
    context.close()


def test_every_page_of_the_desk_is_for_everybody(desk: Watched, day: Tour) -> None:
    page = desk.page
    desk.visit(board(day))
    page.set_viewport_size(DESKTOP)
    page.goto(board(day))
    code = page.locator("[data-test=run]").first.get_attribute("data-code")
    move = page.locator("[data-test=move]").first.get_attribute("href")
    assert move is not None
    place = page.locator("[data-test=place-link]").first.get_attribute("href")
    out = page.locator("[data-test=falls-out]").first.get_attribute("href")
    assert place is not None
    assert out is not None
    for address in (move, place, out, f"/betrieb/touren/{code}/kosten", f"/betrieb/touren/{code}/vertretung"):
        desk.visit(address)
    assert desk.wrong == []


def test_a_stand_in_opens_the_run_on_another_phone(desk: Watched, browser: Browser, day: Tour) -> None:
    page = desk.page
    page.goto(board(day))
    page.locator("[data-test=substitute]").first.click()
    page.fill("[name=name]", "Vera Tretung")
    page.locator("[data-test=hand-over]").click()
    link = page.locator("[data-test=day-link]").input_value()
    context = browser.new_context(base_url=day.market.url, viewport=PHONE, locale="de-DE", reduced_motion="reduce")
    phone = Watched(context, day.market.url)
    phone.visit(link[link.index("/vertretung/") :])
    phone.page.set_viewport_size(PHONE)
    phone.page.locator("[data-test=open-run]").click()
    expect(phone.page.locator("[data-test=start-run]")).to_be_visible()
    assert phone.wrong == []
    context.close()
    page.goto(board(day))
    expect(page.locator("[data-test=link]")).to_contain_text("zuletzt geöffnet")
    page.locator("[data-test=revoke-link]").click()
    expect(page.locator(".flash--success")).to_contain_text("widerrufen")
