"""A real `osrm-routed` on a village of five streets where the programs are at hand, else what it answered once.

The programs come with the package osrm-bindings (Python >= 3.12, see pyproject.toml), from the PATH, or from the folder
in OSRM_BIN. `python -m tests.delivery.osrm` records the answers anew.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from delivery.travel import Point

RECORDED = Path(__file__).parent / "recorded" / "osrm_table.json"

#: The village: a square of residential streets; Eastgate to Southgate is a one-way street.
NORTH, EAST, SOUTH, WEST = (51.0520, 12.1300), (51.0500, 12.1360), (51.0480, 12.1300), (51.0500, 12.1240)
PLACES: list[Point] = [NORTH, EAST, SOUTH, WEST]
STREETS = ((0, 1, "no"), (1, 2, "yes"), (2, 3, "no"), (3, 0, "no"))


def network() -> str:
    """The village as OpenStreetMap XML."""
    nodes = [f'<node id="{i + 1}" lat="{p[0]}" lon="{p[1]}" version="1"/>' for i, p in enumerate(PLACES)]
    ways = [
        f'<way id="{i + 10}" version="1"><nd ref="{a + 1}"/><nd ref="{b + 1}"/>'
        f'<tag k="highway" v="residential"/><tag k="name" v="Gasse {i}"/><tag k="oneway" v="{oneway}"/></way>'
        for i, (a, b, oneway) in enumerate(STREETS)
    ]
    return f'<?xml version="1.0"?><osm version="0.6">{"".join(nodes + ways)}</osm>'


def programs() -> tuple[Path, Path] | None:
    """The folder of the programs and the car profile, or None where they are not installed."""
    found = importlib.util.find_spec("osrm")
    package = [Path(root) for root in found.submodule_search_locations or ()] if found else []
    on_path = shutil.which("osrm-routed")
    folders = [Path(os.environ["OSRM_BIN"])] if "OSRM_BIN" in os.environ else []
    folders += [root / "bin" for root in package] + ([Path(on_path).parent] if on_path else [])
    for folder in folders:
        for profile in (folder.parent / "share" / "profiles" / "car.lua", Path("/usr/share/osrm/profiles/car.lua")):
            if (folder / "osrm-routed").exists() and profile.exists():
                return folder, profile
    return None


@contextmanager
def real(bin_folder: Path, profile: Path, work: Path) -> Iterator[str]:
    """Extract and contract the village, then serve it on a free port of this machine."""
    data = work / "village.osm"
    data.write_text(network(), encoding="utf-8")
    base = work / "village.osrm"
    for command in (["osrm-extract", "-p", str(profile), str(data)], ["osrm-contract", str(base)]):
        subprocess.run([str(bin_folder / command[0]), *command[1:]], check=True, capture_output=True)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = [str(bin_folder / "osrm-routed"), "--algorithm", "ch", "-i", "127.0.0.1", "-p", str(port), str(base)]
    process = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("osrm-routed did not start") from None
            time.sleep(0.05)


@contextmanager
def replay() -> Iterator[str]:
    """A server that gives the recorded answers, and 404 for what was never asked."""
    answers: dict[str, object] = json.loads(RECORDED.read_text(encoding="utf-8"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answers.get(self.path, {})).encode()
            self.send_response(200 if self.path in answers else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Keep the test output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def table_path(points: list[Point]) -> str:
    """What our client asks for these places."""
    places = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in points)
    return f"/table/v1/driving/{places}?annotations=duration,distance"


def main() -> None:
    """Record the answers of the real thing."""
    found = programs()
    if found is None:
        raise SystemExit(
            "osrm-routed is not here: set OSRM_BIN to the folder with osrm-extract, -contract and -routed."
        )
    with tempfile.TemporaryDirectory() as folder, real(*found, Path(folder)) as url:
        path = table_path(PLACES)
        with urllib.request.urlopen(url + path, timeout=10) as answer:
            recorded = {path: json.loads(answer.read())}
    for place in [*recorded[path]["sources"], *recorded[path]["destinations"]]:
        place["hint"] = ""  # opaque and different on every machine
    RECORDED.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
