/** A rectangle in pixels of the canvas. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Between the cursor and the tooltip. */
const gap = 10;
/** Heights that are tried, from the top of the chart to its foot. */
const levels = 9;

/**
 * Where a tooltip of that size hides least of what is drawn: beside the cursor, at either side of it and at any height, inside of the chart if
 * it fits. Of places that are as good, the one nearest to what is pointed at.
 */
export function tooltipPlace(size: Pick<Box, 'width' | 'height'>, chart: Box, at: Spot, drawn: readonly Spot[]): Spot {
  const { width, height } = size;
  const edge = chart.left + chart.width;
  const sides = [at.x + gap, at.x - gap - width].filter((x) => x >= 0 && x + width <= edge + gap);
  const lowest = Math.max(chart.top, chart.top + chart.height - height);
  const places = (sides.length > 0 ? sides : [chart.left, Math.max(0, edge - width)]).flatMap((x) => (
    Array.from({ length: levels }, (_, i) => ({ x, y: chart.top + ((lowest - chart.top) * i) / (levels - 1) }))));
  const hidden = ({ x, y }: Spot): number => (
    drawn.filter((point) => point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height).length);
  const away = ({ y }: Spot): number => Math.abs(y + height / 2 - at.y);
  const [best] = places.map((place) => ({ place, hidden: hidden(place), away: away(place) })).sort((a, b) => a.hidden - b.hidden || a.away - b.away);
  return best?.place ?? at;
}
