import type { SimulatedScheme } from '../../src/protocol/schemes';
import { svg } from '../ui/element';
import type { Palette } from '../ui/theme';

type Colour = 'foreground' | 'red' | 'green' | 'blue' | 'orange' | 'yellow' | 'purple';

/** Names as Chart.js knows them, so that charts and chips draw one shape. */
export type Shape = 'circle' | 'rectRot' | 'crossRot' | 'rect' | 'triangle' | 'star' | 'cross';

interface SchemeStyle {
  readonly colour: Colour;
  readonly shape: Shape;
  readonly filled: boolean;
  readonly dash: readonly number[];
  /** Where colours are few, dashes tell the lines apart. */
  readonly contrastDash: readonly number[];
}

/** One colour and one marker per scheme, everywhere and for ever; a uniform variant differs from its normal one by dash and hollow marker. */
const styles: Readonly<Record<SimulatedScheme, SchemeStyle>> = {
  'current': { colour: 'foreground', shape: 'circle', filled: true, dash: [], contrastDash: [] },
  'recommended': { colour: 'green', shape: 'rectRot', filled: true, dash: [], contrastDash: [12, 3] },
  'zeros': { colour: 'red', shape: 'crossRot', filled: false, dash: [], contrastDash: [2, 3] },
  'normal': { colour: 'purple', shape: 'star', filled: false, dash: [], contrastDash: [8, 3, 2, 3] },
  'xavier-normal': { colour: 'blue', shape: 'rect', filled: true, dash: [], contrastDash: [6, 3] },
  'xavier-uniform': { colour: 'blue', shape: 'rect', filled: false, dash: [5, 3], contrastDash: [5, 6] },
  'he-normal': { colour: 'orange', shape: 'triangle', filled: true, dash: [], contrastDash: [10, 3, 2, 3, 2, 3] },
  'he-uniform': { colour: 'orange', shape: 'triangle', filled: false, dash: [5, 3], contrastDash: [3, 6] },
  'lecun-normal': { colour: 'yellow', shape: 'cross', filled: false, dash: [], contrastDash: [14, 4, 4, 4] },
};

export interface LineStyle {
  readonly colour: string;
  readonly shape: Shape;
  readonly filled: boolean;
  readonly dash: readonly number[];
}

export function lineStyle(scheme: SimulatedScheme, palette: Palette): LineStyle {
  const { colour, shape, filled, dash, contrastDash } = styles[scheme];
  return { colour: palette[colour], shape, filled, dash: palette.highContrast ? contrastDash : dash };
}

const paths: Readonly<Record<Shape, string>> = {
  circle: 'M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8z',
  rectRot: 'M6 1.5L10.5 6L6 10.5L1.5 6z',
  rect: 'M2.5 2.5h7v7h-7z',
  triangle: 'M6 1.8L10.5 9.8h-9z',
  crossRot: 'M2.5 2.5L9.5 9.5M9.5 2.5L2.5 9.5',
  cross: 'M6 1.5V10.5M1.5 6H10.5',
  star: 'M6 1.5V10.5M1.5 6H10.5M2.8 2.8L9.2 9.2M9.2 2.8L2.8 9.2',
};

/** The marker of a scheme at the size of a letter; hollow where the scheme is not shown. */
export function marker(scheme: SimulatedScheme, isShown = true): SVGSVGElement {
  const { colour, shape, filled } = styles[scheme];
  return svg('svg', { 'class': `marker ink-${colour}`, 'viewBox': '0 0 12 12', 'width': 12, 'height': 12, 'aria-hidden': 'true' }, [
    svg('path', { d: paths[shape], class: filled && isShown ? 'solid' : 'hollow' }),
  ]);
}
