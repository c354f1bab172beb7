// What gestures over a chart make of what is seen of it.

import { between, moved, unzoomed, zoomed, type Zoom } from './zoom';
import { listenForZoom } from './zoomGestures';
import type { VarianceChart } from './varianceChart';

/** Layers that are seen at least. */
const leastLayers = 2;
/** A hand that marks layers does not keep to one height. */
const flat = 24;

/** Charts that stand beside each other see the same layers; each its own values. */
export function listenOn(frame: HTMLElement, canvas: HTMLCanvasElement, chart: VarianceChart, now: () => Zoom, change: (zoom: Zoom) => void): void {
  listenForZoom(frame, canvas, {
    get isZoomed() {
      const { x, y } = now();
      return x !== null || y !== null;
    },
    zoomBy(factor, at, axis) {
      const { whole } = chart;
      const zoom = now();
      const seen = zoom[axis] ?? whole[axis];
      const place = at ? chart.placeAt(at)[axis] : (seen.from + seen.to) / 2;
      change({ ...zoom, [axis]: zoomed(zoom[axis], whole[axis], factor, place, axis === 'x' ? leastLayers : chart.leastValues) });
    },
    moveBy({ x, y }) {
      const { whole } = chart;
      const zoom = now();
      const [from, to] = [chart.placeAt({ x: 0, y: 0 }), chart.placeAt({ x, y })];
      change({ x: moved(zoom.x, whole.x, from.x - to.x), y: moved(zoom.y, whole.y, from.y - to.y) });
    },
    zoomTo(from, to) {
      const { whole } = chart;
      const zoom = now();
      const [a, b] = [chart.placeAt(from), chart.placeAt(to)];
      const x = Math.abs(from.x - to.x) < flat ? zoom.x : between(a.x, b.x, whole.x, leastLayers);
      change({ x, y: Math.abs(from.y - to.y) < flat ? zoom.y : between(a.y, b.y, whole.y, chart.leastValues) });
    },
    mark: (from, to) => chart.mark(from, to),
    reset: () => change(unzoomed),
  });
}
