// Distributions of activations and of gradients beside each other: of each scheme's first run, over those of an earlier one.

import type { SimulatedScheme } from '../../../src/protocol/schemes';
import type { SimulationRun } from '../../../src/protocol/simulation';
import { say } from '../../../src/protocol/words';
import type { Palette } from '../../ui/theme';
import type { FigureActions } from '../figure/figureMenu';
import { momentsOf, type Quantity } from '../series';
import { ridgeOf, type Ridge, type RidgeScale } from './ridge';
import { createRidgePane, type RidgePane, type RidgePaneOptions } from './ridgePane';

export interface DistributionContent {
  readonly layers: readonly string[];
  readonly schemes: readonly { readonly id: SimulatedScheme; readonly title: string }[];
  readonly runs: readonly SimulationRun[];
  readonly earlier: readonly SimulationRun[];
  readonly hiddenBy: ReadonlyMap<string, string>;
  readonly forward: Quantity;
  readonly backward: Quantity;
  readonly scale: RidgeScale;
  readonly titleOf: (quantity: Quantity) => string;
}

export interface DistributionOptions extends Pick<RidgePaneOptions, 'onPoint' | 'onSelect' | 'onScale'> {
  readonly figure: FigureActions;
  readonly forward: Pick<RidgePaneOptions, 'quantities' | 'quantity' | 'onQuantity'>;
  readonly backward: Pick<RidgePaneOptions, 'quantities' | 'quantity' | 'onQuantity'>;
}

export interface DistributionView {
  readonly panes: readonly HTMLElement[];
  draw(content: DistributionContent, palette: Palette): void;
  point(layer: number | null): void;
}

export function createDistributionView({ forward, backward, ...shared }: DistributionOptions): DistributionView {
  const panes: readonly [RidgePane, RidgePane] = [
    createRidgePane({ ...shared, ...forward, testid: 'activation-ridges', title: say('Distribution of activations, layer by layer'),
      short: say('Activations') }),
    createRidgePane({ ...shared, ...backward, testid: 'gradient-ridges', title: say('Distribution of gradients, layer by layer'), short: say('Gradients') }),
  ];
  return {
    panes: panes.map(({ root }) => root),
    draw(content, palette) {
      const { layers, schemes, runs, earlier, hiddenBy, scale, titleOf } = content;
      [content.forward, content.backward].forEach((quantity, at) => {
        const columns = schemes.flatMap(({ id, title }) => {
          const first = runs.find(({ scheme }) => scheme === id);
          if (!first) return [];
          const past = earlier.find(({ scheme }) => scheme === id);
          return [{ scheme: id, title, ridges: ridges(first, layers, quantity), earlier: ridges(past, layers, quantity) }];
        });
        panes[at]?.draw({ layers, columns, scale, hiddenBy, quantity: titleOf(quantity) }, palette);
      });
    },
    point: (layer) => { for (const pane of panes) pane.point(layer); },
  };
}

const made = new WeakMap<SimulationRun, Map<Quantity, ReadonlyMap<string, Ridge | null>>>();

/** By layer; outlines of a run are made once. */
function ridges(run: SimulationRun | undefined, layers: readonly string[], quantity: Quantity): readonly (Ridge | null)[] {
  if (!run) return [];
  const ofRun = made.get(run) ?? new Map<Quantity, ReadonlyMap<string, Ridge | null>>();
  made.set(run, ofRun);
  const known = ofRun.get(quantity) ?? new Map(run.layers.map((layer) => [layer.name, ridgeOf(momentsOf(layer, quantity))]));
  ofRun.set(quantity, known);
  return layers.map((name) => known.get(name) ?? null);
}
