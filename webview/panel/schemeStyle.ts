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
  'xavier-normal': { colour: 'blue', shape: 'rect', filled: true, dash: [], contrastDash: [6, 3] },
  'xavier-uniform': { colour: 'blue', shape: 'rect', filled: false, dash: [5, 3], contrastDash: [5, 6] },
  'he-normal': { colour: 'orange', shape: 'triangle', filled: true, dash: [], contrastDash: [10, 3, 2, 3, 2, 3] },
  'he-uniform': { colour: 'orange', shape: 'triangle', filled: false, dash: [5, 3], contrastDash: [3, 6] },
  'lecun-normal': { colour: 'yellow', shape: 'cross', filled: false, dash: [], contrastDash: [14, 4, 4, 4] },
  'lecun-uniform': { colour: 'yellow', shape: 'crossRot', filled: false, dash: [5, 3], contrastDash: [14, 6, 4, 6] },
  'moments': { colour: 'green', shape: 'star', filled: false, dash: [], contrastDash: [12, 3, 2, 3] },
  'variance-scaling': { colour: 'blue', shape: 'circle', filled: true, dash: [], contrastDash: [6, 3, 2, 3] },
  'spectral': { colour: 'blue', shape: 'star', filled: false, dash: [], contrastDash: [6, 6, 2, 6] },
  'randn-fan-in': { colour: 'yellow', shape: 'rect', filled: true, dash: [], contrastDash: [4, 4] },
  'randn-half-fan-in': { colour: 'orange', shape: 'rect', filled: true, dash: [], contrastDash: [8, 4] },
  'orthogonal': { colour: 'green', shape: 'cross', filled: false, dash: [], contrastDash: [16, 3] },
  'lsuv': { colour: 'blue', shape: 'cross', filled: false, dash: [], contrastDash: [16, 3, 2, 3] },
  'delta-orthogonal': { colour: 'green', shape: 'crossRot', filled: false, dash: [5, 3], contrastDash: [16, 3, 4, 3] },
  'identity': { colour: 'green', shape: 'rect', filled: false, dash: [2, 3], contrastDash: [16, 6] },
  'dirac': { colour: 'green', shape: 'rect', filled: true, dash: [], contrastDash: [16, 6, 4, 6] },
  'sparse': { colour: 'green', shape: 'circle', filled: false, dash: [5, 3], contrastDash: [15, 3, 2, 3] },
  'bilinear': { colour: 'yellow', shape: 'triangle', filled: true, dash: [], contrastDash: [15, 6] },
  'icnr': { colour: 'yellow', shape: 'rectRot', filled: true, dash: [], contrastDash: [15, 6, 2, 6] },
  'siren': { colour: 'blue', shape: 'crossRot', filled: false, dash: [2, 3], contrastDash: [13, 3] },
  'centred-sigmoid': { colour: 'orange', shape: 'rectRot', filled: true, dash: [], contrastDash: [13, 6] },
  'pytorch': { colour: 'orange', shape: 'circle', filled: true, dash: [], contrastDash: [9, 3] },
  'keras': { colour: 'red', shape: 'rect', filled: true, dash: [], contrastDash: [9, 6] },
  'tfjs': { colour: 'orange', shape: 'star', filled: false, dash: [], contrastDash: [9, 3, 3, 3] },
  'zero-gamma': { colour: 'blue', shape: 'rectRot', filled: true, dash: [], contrastDash: [7, 3] },
  'gpt2': { colour: 'green', shape: 'triangle', filled: true, dash: [], contrastDash: [7, 6] },
  'small-init': { colour: 'green', shape: 'circle', filled: true, dash: [], contrastDash: [7, 6, 2, 6] },
  'fixup': { colour: 'purple', shape: 'rectRot', filled: true, dash: [], contrastDash: [7, 3, 1, 3] },
  't-fixup': { colour: 'purple', shape: 'triangle', filled: true, dash: [], contrastDash: [11, 3] },
  'deepnet': { colour: 'blue', shape: 'triangle', filled: true, dash: [], contrastDash: [11, 6] },
  'mup': { colour: 'purple', shape: 'cross', filled: false, dash: [], contrastDash: [10, 6] },
  'depth-mup': { colour: 'purple', shape: 'crossRot', filled: false, dash: [2, 3], contrastDash: [10, 6, 2, 6] },
  'complete-p': { colour: 'yellow', shape: 'circle', filled: true, dash: [], contrastDash: [10, 3, 4, 3] },
  'zeros': { colour: 'red', shape: 'crossRot', filled: false, dash: [], contrastDash: [2, 3] },
  'ones': { colour: 'red', shape: 'cross', filled: false, dash: [], contrastDash: [2, 6] },
  'constant': { colour: 'red', shape: 'circle', filled: false, dash: [5, 3], contrastDash: [2, 3, 6, 3] },
  'normal': { colour: 'purple', shape: 'star', filled: false, dash: [], contrastDash: [8, 3, 2, 3] },
  'uniform': { colour: 'purple', shape: 'circle', filled: false, dash: [5, 3], contrastDash: [8, 6] },
  'truncated-normal': { colour: 'purple', shape: 'rect', filled: true, dash: [], contrastDash: [8, 6, 2, 6] },
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

/** In a square of 12 by 12. */
export const markerPaths: Readonly<Record<Shape, string>> = {
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
    svg('path', { d: markerPaths[shape], class: filled && isShown ? 'solid' : 'hollow' }),
  ]);
}
