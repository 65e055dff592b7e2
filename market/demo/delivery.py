"""The demo's delivery: three zones by postcode and village, the weekly windows, two vehicles, two pick-up points."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from sqlalchemy.orm import Session

from delivery.models import Vehicle, VehicleKind, WindowTemplate, Zone, ZonePlace
from delivery.points import setup
from market.core import db
from market.core.config import Region
from market.core.money import Money
from market.directory.geocoding import normalise
from market.directory.models import Shop

TOWN = "stadt"

_NEAR_06712 = (
    "Zangenberg",
    "Geußnitz",
    "Loitsch",
    "Lobas",
    "Nonnewitz",
    "Pirkau",
    "Würchwitz",
    "Kretzschau",
    "Gladitz",
    "Döschwitz",
    "Bergisdorf",
    "Droßdorf",
    "Großosida",
    "Giebelroth",
    "Golben",
)
_FAR_06712 = ("Heuckewalde", "Lonzig", "Loitzschütz", "Großpörthen", "Kleinpörthen", "Bröckau", "Hohenkirchen")
_NEAR_06729 = ("Tröglitz", "Alttröglitz", "Gleina", "Göbitz", "Maßnitz", "Minkwitz")
_FAR_06729 = ("Rehmsdorf", "Profen", "Spora", "Könderitz", "Bornitz", "Draschwitz", "Langendorf", "Lützkewitz")
_FAR_06722 = ("Droyßig", "Hassel", "Wetterzeube", "Breitenbach", "Koßweda", "Haynsburg")

_ZONES: tuple[tuple[str, str, int, int, int, tuple[tuple[str, str], ...]], ...] = (
    (TOWN, "Zeitz Stadt", 290, 190, 1500, (("06711", ""), ("06712", ""), ("06713", ""))),
    (
        "doerfer-nah",
        "Dörfer ringsum",
        390,
        290,
        2000,
        (
            *(("06712", village) for village in _NEAR_06712),
            ("06727", "Theißen"),
            ("06727", "Luckenau"),
            ("06727", ""),
            *(("06729", village) for village in _NEAR_06729),
        ),
    ),
    (
        "doerfer-weit",
        "Dörfer weiter draußen",
        590,
        390,
        2500,
        (
            *(("06712", village) for village in _FAR_06712),
            *(("06729", village) for village in _FAR_06729),
            ("06729", ""),
            *(("06722", village) for village in _FAR_06722),
            ("06722", ""),
            ("06724", "Kayna"),
            ("06724", ""),
        ),
    ),
)

_AFTERNOONS = (1, 3, 4)
_MORNINGS = (0, 1, 2, 3, 4)
_EVENING_BEFORE = 16 * 60 + 30  # 10:30 minus this is 18:00 on the day before


def make_zones(s: Session) -> dict[str, Zone]:
    """Step: the zones by slug; fees and minimums are gross cents."""
    made = {}
    for position, (slug, name, fee, good, minimum, places) in enumerate(_ZONES):
        zone = Zone(slug=slug, name=name, fee=Money(fee), minimum=Money(minimum), position=position)
        zone.good_fee = Money(good)
        zone.places = [ZonePlace(zip=zip_, place=place, key=normalise(place)) for zip_, place in places]
        s.add(zone)
        made[slug] = zone
    s.flush()
    return made


def make_templates(s: Session, zones: dict[str, Zone]) -> None:
    """Step: afternoons and Saturday for everybody, a small morning round in town."""
    town = zones[TOWN].id
    s.add_all(
        WindowTemplate(weekday=day, starts=time(16), ends=time(18), cutoff_minutes=300, capacity=12)
        for day in _AFTERNOONS
    )
    s.add(
        WindowTemplate(weekday=5, starts=time(10), ends=time(12), cutoff_minutes=16 * 60, capacity=10, minimum_orders=2)
    )
    s.add_all(
        WindowTemplate(
            weekday=day,
            starts=time(10, 30),
            ends=time(12),
            cutoff_minutes=_EVENING_BEFORE,
            capacity=6,
            zone_id=town,
        )
        for day in _MORNINGS
    )
    s.flush()


_POINTS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "gaestebuero-stundenglocke",
        {"note": "Am Tresen links", "fee": Money(150), "compartments": 16, "hold_days": 3, "fridge": True,
         "checks_age": True},
    ),
    (
        "dorfkonsum-schnaudertal",
        {"note": "Regal gegenüber der Kasse", "fee": Money(290), "compartments": 10, "hold_days": 4},
    ),
)  # fmt: skip


def make_points(shops: Mapping[str, int], *, keeper: str, by: int) -> None:
    """Use cases: two places of the directory become pick-up points, kept by one person."""
    for slug, about in _POINTS:
        with db.reading() as s:
            name = s.get_one(Shop, shops[slug]).name
        more = {"fridge": False, "checks_age": False, "gives_from": None, "gives_until": None, "active": True}
        point_id = setup.save(None, more | about | {"name": name, "shop_id": shops[slug]}, by)
        setup.add_keeper(point_id, keeper, by)


def make_vehicles(s: Session, region: Region, driver_id: int) -> None:
    """Step: a cargo bike and a van; loads in grams and millilitres."""
    lat, lon = region.centre
    common = {"depot_lat": lat, "depot_lon": lon, "driver_id": driver_id}
    s.add(
        Vehicle(
            name="Lastenrad Elster",
            kind=VehicleKind.CARGO_BIKE,
            max_weight_g=80_000,
            max_volume_ml=280_000,
            max_cooled_ml=60_000,
            shift_from=time(9),
            shift_to=time(19),
            **common,
        )
    )
    s.add(
        Vehicle(
            name="Transporter Schnauder",
            kind=VehicleKind.VAN,
            max_weight_g=550_000,
            max_volume_ml=3_200_000,
            max_cooled_ml=400_000,
            shift_from=time(9),
            shift_to=time(19),
            **common,
        )
    )
    s.flush()
