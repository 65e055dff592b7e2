"""Sentences the law wants beside goods, the same on product page, cart, checkout, mail and order page."""

from __future__ import annotations

from collections.abc import Mapping

from market.catalogue.models import WithdrawalClass
from market.core.i18n import N_, gettext

WITHDRAWAL: Mapping[WithdrawalClass, str] = {
    WithdrawalClass.STANDARD: N_("14 Tage Widerrufsrecht"),
    WithdrawalClass.CUSTOM_MADE: N_("Kein Widerrufsrecht: nach Ihren Vorgaben angefertigt (§ 312g Abs. 2 Nr. 1 BGB)."),
    WithdrawalClass.PERISHABLE: N_("Für diese Ware besteht kein Widerrufsrecht (§ 312g Abs. 2 Nr. 2 BGB)."),
    WithdrawalClass.SEALED_HYGIENE: N_(
        "Das Widerrufsrecht erlischt, wenn die Versiegelung nach der Lieferung entfernt wurde."
    ),
    WithdrawalClass.SEALED_MEDIA: N_(
        "Das Widerrufsrecht erlischt, wenn die Versiegelung nach der Lieferung entfernt wurde (Ton, Bild, Software)."
    ),
    WithdrawalClass.PRESS: N_("Kein Widerrufsrecht: Zeitungen und Zeitschriften (§ 312g Abs. 2 Nr. 7 BGB)."),
    WithdrawalClass.DATED_SERVICE: N_(
        "Kein Widerrufsrecht: Leistung zu einem bestimmten Termin (§ 312g Abs. 2 Nr. 9 BGB)."
    ),
}
"""law.md B4."""

DEVIATION = N_("Ich bin damit einverstanden, dass die Ware abweicht: {deviation}")
"""law.md A9, § 476 BGB: agreed to per line, before the review page."""


def withdrawal(kind: WithdrawalClass) -> str:
    """What the line says about the right to withdraw."""
    return gettext(WITHDRAWAL[kind])
