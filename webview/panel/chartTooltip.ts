import { Tooltip, type ActiveElement, type Chart, type TooltipPositionerFunction } from 'chart.js';
import { tooltipPlace } from './tooltipPlace';

declare module 'chart.js' {
  interface TooltipPositionerMap {
    beside: TooltipPositionerFunction<'line'>;
  }
}

export const cornerRadius = 4;
/** Points of a line that tell where it is. */
const enough = 120;

/** Beside the cursor, where the tooltip hides least of the lines. */
Tooltip.positioners.beside = function beside(elements, event) {
  const [first] = elements;
  if (!first) return false;
  const { chart } = this;
  const { left, top, width, height } = chart.chartArea;
  const points = chart.data.datasets.flatMap((_, index) => {
    const { data } = chart.getDatasetMeta(index);
    const every = Math.ceil(data.length / enough);
    return every === 1 ? data : data.filter((_point, at) => at % every === 0);
  });
  const { width: wide, height: high } = this;
  const place = tooltipPlace({ width: wide, height: high }, { left, top, width, height }, { x: first.element.x, y: event.y ?? first.element.y }, points);
  // Chart.js moves the box by its corners.
  return { ...place, x: place.x + cornerRadius, xAlign: 'left', yAlign: 'top' };
};

/** Shows a tooltip on the elements, or takes it away where there are none. */
export function showTooltip({ tooltip }: Pick<Chart<'line'>, 'tooltip'>, elements: ActiveElement[]): void {
  const { x = 0, y = 0 } = elements[0]?.element ?? {};
  tooltip?.setActiveElements(elements, { x, y });
  // How large it is, which decides where it goes, is known once it has been laid out.
  for (const again of [[], elements]) tooltip?.setActiveElements(again, { x, y });
}
