// Signs on the map that would cover each other are moved apart; a thin line leads back to where the halt really is.
/* global L */
const GAP = 2; // pixels between two signs
const RINGS = 14;

/** Where a sign may go instead, nearest first: rings around its point, of twelve places, the outer ones of twice as many. */
const AROUND = [[0, 0]];
for (let ring = 1; ring <= RINGS; ring += 1) {
  const places = ring < 5 ? 12 : 24;
  for (let turn = 0; turn < places; turn += 1) {
    const angle = (turn * 2 * Math.PI) / places + (ring % 2) * 0.26;
    AROUND.push([Math.cos(angle) * ring * 20, Math.sin(angle) * ring * 16]);
  }
}

export const box4 = (at, width, height) => [at.x - width / 2, at.y - height / 2, at.x + width / 2, at.y + height / 2];
export const touch = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

/** signs: {marker, at, width, height, style}, the first in the list stay where they are. Places them for this zoom. */
export function spread(map, signs) {
  const lines = L.layerGroup().addTo(map);
  const place = () => {
    lines.clearLayers();
    const taken = [];
    for (const sign of signs) {
      const point = map.latLngToLayerPoint(sign.at);
      const box = (offset) => box4({ x: point.x + offset[0], y: point.y + offset[1] }, sign.width + GAP, sign.height + GAP);
      const offset = AROUND.find((one) => !taken.some((other) => touch(box(one), other))) || AROUND[0];
      taken.push(box(offset));
      const there = map.layerPointToLatLng([point.x + offset[0], point.y + offset[1]]);
      sign.marker.setLatLng(there);
      if (offset === AROUND[0]) continue;
      L.polyline([sign.at, there], { className: `map-leader run-${sign.style}`, interactive: false }).addTo(lines);
      L.circleMarker(sign.at, { className: `map-dot run-${sign.style}`, radius: 3, interactive: false }).addTo(lines);
    }
  };
  map.on("zoomend", place);
  place();
  return () => signs.map((sign) => box4(map.latLngToContainerPoint(sign.marker.getLatLng()), sign.width, sign.height));
}
