"""A small browser over real HTTP, with cookies: what a shopper without JavaScript sends."""

from __future__ import annotations

import http.client
import http.cookies
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.shopping import form


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    location: str
    text: str


@dataclass(slots=True)
class Browser:
    """One shopper's session with a running market."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._send("GET", path)

    def post(self, path: str, **data: Any) -> Answer:
        """Send a form."""
        return self._send("POST", path, data)

    def press(self, page: Answer, action: str, **typed: Any) -> Answer:
        """Send the page's form that goes to `action`, with these fields changed."""
        return self.post(action, **{**form(page.text, action).fields, **typed})

    def _send(self, method: str, path: str, data: dict[str, Any] | None = None) -> Answer:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, urlencode(data) if data is not None else None, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or []:
                for name, morsel in http.cookies.SimpleCookie(line).items():
                    self.cookies[name] = morsel.value
            return Answer(answer.status, answer.headers.get("Location", ""), answer.read().decode())
        finally:
            connection.close()
