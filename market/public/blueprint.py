"""The blueprint of every public page; the modules beside this one hang their routes on it."""

from flask import Blueprint

bp = Blueprint("public", __name__)
