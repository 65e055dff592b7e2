"""Shops, orders, vehicles and zones from JSON and back; what has its usual value is left out when written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from delivery.batcher.facts import BreakRule, Costs, Load, Order, Parcel, ShopNode, Vehicle, Zone
from delivery.batcher.reading import LONGEST, BadProblem, Reader


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only the values that say something: not None, not empty."""
    return {key: value for key, value in values.items() if value is not None and value not in ("", [], ())}


def shop(item: Reader) -> ShopNode:
    hours = item.spans("hours") if "hours" in item else ()
    if "hours" in item and not hours:
        raise BadProblem(item.at("hours"), "must name at least one [from, to]")
    first, last = item.optional("open"), item.optional("close")
    if not hours:
        first, last = item.whole("open"), item.whole("close")
    return ShopNode(
        id=item.id("id"),
        loc=item.whole("loc", least=0),
        open=hours[0][0] if first is None else first,
        close=hours[-1][1] if last is None else last,
        setup=item.whole("setup", least=0, most=LONGEST, default=0),
        per_parcel=item.whole("per_parcel", least=0, default=0),
        name=item.text("name", default=""),
        hours=hours,
    )


def dump_shop(one: ShopNode) -> dict[str, Any]:
    plain = {
        "id": one.id,
        "loc": one.loc,
        "open": one.open,
        "close": one.close,
        "setup": one.setup,
        "per_parcel": one.per_parcel,
    }
    return plain | told({"name": one.name, "hours": [list(span) for span in one.hours]})


def order(item: Reader) -> Order:
    tw_from, tw_to = item.pair("tw")
    return Order(
        id=item.id("id"),
        loc=item.whole("loc", least=0),
        tw_from=tw_from,
        tw_to=tw_to,
        setup=item.whole("setup", least=0, most=LONGEST, default=0),
        parcels=tuple(_parcel(parcel) for parcel in item.items("parcels")),
        door=item.optional_id("door"),
        handling=item.whole("handling", least=0, most=LONGEST, default=0),
        vehicle=item.optional_id("vehicle"),
        penalty=item.optional("penalty", least=0),
        max_cooled=item.optional("max_cooled", least=0),
    )


def _parcel(item: Reader) -> Parcel:
    load = Load(*(item.whole(key, least=0, default=0) for key in ("weight", "volume", "cooled")))
    return Parcel(shop=item.id("shop"), load=load, on=item.optional_id("on"), since=item.optional("since"))


def dump_order(one: Order) -> dict[str, Any]:
    plain = {
        "id": one.id,
        "loc": one.loc,
        "tw": [one.tw_from, one.tw_to],
        "setup": one.setup,
        "parcels": [_dump_parcel(parcel) for parcel in one.parcels],
    }
    rules = {
        "door": one.door,
        "handling": one.handling or None,
        "vehicle": one.vehicle,
        "penalty": one.penalty,
        "max_cooled": one.max_cooled,
    }
    return plain | told(rules)


def _dump_parcel(parcel: Parcel) -> dict[str, Any]:
    plain = {
        "shop": parcel.shop,
        "weight": parcel.load.weight,
        "volume": parcel.load.volume,
        "cooled": parcel.load.cooled,
    }
    return plain | told({"on": parcel.on, "since": parcel.since})


def vehicle(item: Reader) -> Vehicle:
    shift_from, shift_to = item.pair("shift")
    return Vehicle(
        id=item.id("id"),
        type=item.text("type"),
        depot=item.whole("depot", least=0),
        shift_from=shift_from,
        shift_to=shift_to,
        cap=Load(*item.wholes("cap", count=3, least=0)),
        name=item.text("name", default=""),
        start=item.optional("start", least=0),
        rest=_rest(item.part("break")) if "break" in item else None,
        fixed=item.optional("fixed", least=0),
        max_trips=item.optional("max_trips", least=0),
        first=item.optional("first", least=0),
        last=item.optional("last", least=0),
    )


def _rest(item: Reader) -> BreakRule:
    rule = BreakRule(item.whole("from"), item.whole("to"), item.whole("seconds", least=0))
    if rule.earliest > rule.latest:
        raise BadProblem(item.at("to"), "must not be before from")
    return rule


def dump_vehicle(one: Vehicle) -> dict[str, Any]:
    plain = {
        "id": one.id,
        "type": one.type,
        "depot": one.depot,
        "shift": [one.shift_from, one.shift_to],
        "cap": [one.cap.weight, one.cap.volume, one.cap.cooled],
    }
    rest = one.rest and {"from": one.rest.earliest, "to": one.rest.latest, "seconds": one.rest.seconds}
    rules = {
        "name": one.name,
        "start": one.start,
        "break": rest,
        "fixed": one.fixed,
        "max_trips": one.max_trips,
        "first": one.first,
        "last": one.last,
    }
    return plain | told(rules)


def zone(item: Reader) -> Zone:
    return Zone(
        types=tuple(item.texts("types")),
        places=tuple(item.many("places", least=0)),
        closed=item.spans("closed"),
        name=item.text("name", default=""),
    )


def dump_zone(one: Zone) -> dict[str, Any]:
    plain = {
        "types": list(one.types),
        "places": list(one.places),
        "closed": [list(span) for span in one.closed],
    }
    return plain | told({"name": one.name})


def costs(top: Reader) -> Costs:
    if "cost" not in top:
        return Costs()
    cost = top.part("cost")
    return Costs(
        vehicle=cost.whole("vehicle", least=0, default=Costs().vehicle),
        unserved=cost.whole("unserved", least=0, default=Costs().unserved),
    )
