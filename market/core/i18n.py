"""Marks for translatable German source texts, and their translation outside of Flask (errors, enum labels, mails)."""

from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from babel.support import Translations

CATALOGUES = Path(__file__).parents[2] / "translations"
SOURCE_LANGUAGE = "de"


def N_(text: str) -> str:  # noqa: N802 - the name every gettext tool knows
    """Mark a German text for the catalogue and leave it as it is."""
    return text


@lru_cache(maxsize=8)
def catalogue(language: str) -> NullTranslations:
    """The message catalogue of a language; German is the source and needs none."""
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    return Translations.load(CATALOGUES, [language])


def gettext(text: str, language: str = SOURCE_LANGUAGE) -> str:
    """Translate a marked text."""
    return catalogue(language).gettext(text)


def ngettext(singular: str, plural: str, count: int, language: str = SOURCE_LANGUAGE) -> str:
    """Translate a marked text that depends on a number."""
    return catalogue(language).ngettext(singular, plural, count)
