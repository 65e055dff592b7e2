"""A run as its route sheet: which halts, which words, which codes. `sheet.py` prints it."""

from __future__ import annotations

from collections.abc import Sequence

from delivery import returns
from delivery.halts import ParcelView, Recipient, RunView, StopView
from delivery.returns import Goods
from delivery.sheet import RouteSheet, SheetDropParcel, SheetParcel, SheetRest, SheetShop, SheetStop
from market.core.config import Config
from market.core.i18n import N_, gettext

LIES = N_("liegt {where}")
OWN_SHOP = N_("ihrem Laden")


def sheet(run: RunView, config: Config, *, demo: bool = False) -> RouteSheet:
    """The paper of a run; the codes on it open the stop on the courier's phone."""
    windows = sorted({recipient.window for stop in run.drops for recipient in stop.recipients})
    return RouteSheet(
        code=run.code,
        day=run.day,
        window=f"{', '.join(windows)} Uhr" if windows else "",
        vehicle=run.vehicle,
        courier=run.courier,
        region=config.region.market_name,
        attribution=config.region.attribution,
        shops=tuple(_sheet_shop(stop) for stop in run.pickups),
        stops=tuple(
            _sheet_stop(stop, recipient, f"{config.public_url}/touren/{run.code}/halt/{stop.position}")
            for stop in run.drops
            for recipient in stop.recipients
        ),
        way=tuple(stop.label for stop in run.stops),
        rest=SheetRest(rest.starts, rest.ends, rest.minutes, rest.label) if (rest := run.rest) else None,
        office=config.region.office_phone,
        demo=demo,
        estimated=True,  # a plan's times are estimates, whatever the road network says
    )


def _sheet_shop(stop: StopView) -> SheetShop:
    shop = stop.shop
    assert shop is not None
    return SheetShop(
        name=shop.name,
        address=shop.address,
        planned=stop.planned,
        parcels=tuple(SheetParcel(p.number, p.bags, p.order, p.cold, p.min_age, _note(p)) for p in stop.parcels),
        entrance=shop.entrance,
        back_door=shop.back_door,
        bell=shop.bell,
        contact=shop.contact_name,
        phone=shop.contact_phone or shop.phone,
        parking=shop.parking,
        spot=not shop.id,
    )


def _sheet_stop(stop: StopView, to: Recipient, url: str) -> SheetStop:
    return SheetStop(
        position=int(stop.label),
        planned=stop.planned,
        name=f"{to.name}, c/o {to.care_of}" if to.care_of else to.name,
        street=to.street,
        zip=to.zip,
        village=to.city,
        parcels=tuple(SheetDropParcel(p.number, p.shop, p.bags, p.cold) for p in to.parcels),
        qr=url,
        bell=to.bell,
        ward=to.within,
        phone=to.phone,
        note=to.note,
        drop_off=to.drop_off,
        min_age=to.min_age,
        inexact=to.inexact,
        back=back(stop.parcels if to.point else to.parcels),
        point=to.point,
    )


def _note(parcel: ParcelView) -> str:
    return gettext(LIES).format(where=parcel.lies) if parcel.lies else ""


def back(parcels: Sequence[ParcelView]) -> str:
    """17, 18: heute zurück zu Laden 2, gekühlt halten; 19: zurück zu Laden 1; niemand da: ...

    One phrase per class of goods: goods of several shops go back each to its own, which stands beside the number.
    """
    classes: dict[Goods, list[ParcelView]] = {}
    for parcel in parcels:
        classes.setdefault(parcel.goods, []).append(parcel)
    ways = [(_way(goods, alike), alike) for goods, alike in classes.items()]
    if len(ways) == 1:
        return ways[0][0]
    return "; ".join(f"{', '.join(parcel.number for parcel in alike)}: {way}" for way, alike in ways)


def _way(goods: Goods, parcels: Sequence[ParcelView]) -> str:
    shops = {parcel.shop for parcel in parcels}
    return gettext(returns.AHEAD[goods]).format(shop=shops.pop() if len(shops) == 1 else gettext(OWN_SHOP))
