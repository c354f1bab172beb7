import type { SimulationRun, LayerRun, Moments } from '../../src/protocol/simulation';
import type { SimulatedScheme } from '../../src/protocol/schemes';
import { summarise } from '../../src/protocol/spread';
import { say, sayOf } from '../../src/protocol/words';
import { exact, significant } from '../format';
import { sparkline } from '../ui/sparkline';
import { element, replaceChildren, type Child } from '../ui/element';
import { button } from '../ui/kit';
import { marker } from './schemeStyle';
import { momentsOf, varianceOf, type Quantity } from './series';

export interface LayerPaneContent {
  readonly layer: string;
  readonly index: number;
  readonly schemes: readonly { readonly id: SimulatedScheme; readonly title: string }[];
  readonly runs: readonly SimulationRun[];
  readonly hiddenBy: string | null;
}

export interface LayerPane {
  readonly root: HTMLElement;
  show(content: LayerPaneContent | null): void;
}

const hint = say('Point at a layer, or move over the charts with the arrow keys, to see its numbers.');

/** The numbers of one layer under every scheme. */
export function createLayerPane(onReveal: (layer: string) => void): LayerPane {
  const root = element('aside', { class: 'layer-pane', testid: 'layer-pane', label: say('Layer under the cursor') });
  return {
    root,
    show(content) {
      if (!content) {
        root.removeAttribute('data-layer');
        replaceChildren(root, [element('p', { class: 'muted hint', text: hint })]);
        return;
      }
      root.setAttribute('data-layer', content.layer);
      replaceChildren(root, [
        element('div', { class: 'pane-heading' }, [
          element('h2', { class: 'cut copyable', title: content.layer }, [
            element('span', { class: 'muted number', text: `${say('layer {0}', content.index + 1)} · ` }), content.layer,
          ]),
          element('span', { class: 'spacer' }),
          button({ label: say('Show in Inspector'), icon: 'go-to-file', kind: 'icon', testid: 'reveal-layer', onClick: () => onReveal(content.layer) }),
        ]),
        content.hiddenBy === null ? null : element('p', { class: 'muted', text: say('Not known: {0} is not supported.', content.hiddenBy) }),
        ...content.schemes.map((scheme) => schemeBlock(scheme, content)),
      ]);
    },
  };
}

function schemeBlock(scheme: LayerPaneContent['schemes'][number], content: LayerPaneContent): HTMLElement | null {
  const runs = content.runs.filter((run) => run.scheme === scheme.id);
  const layers = runs.map((run) => run.layers.find((layer) => layer.name === content.layer)).filter((layer) => layer !== undefined);
  const [sample] = layers;
  if (!sample) return null;
  return element('section', { class: 'scheme-block', attributes: { 'data-scheme': scheme.id } }, [
    element('h3', {}, [
      marker(scheme.id), element('span', { text: scheme.title }), element('span', { class: 'spacer' }),
      element('span', { class: 'muted number', text: sayOf(layers.length, '{0} seed', '{0} seeds') }),
    ]),
    element('dl', { class: 'numbers number copyable' }, [
      ...entry(say('σ² activation'), variance(layers, 'activation'), sample.activation),
      ...entry(say('σ² gradient'), variance(layers, 'gradient-activation'), sample.gradient.activation),
      ...entry('σ² ∂w', variance(layers, 'gradient-weights'), momentsOf(sample, 'gradient-weights')),
      ...zerosEntry(layers),
      ...ratioEntry(layers),
    ]),
  ]);
}

function variance(layers: readonly LayerRun[], quantity: Quantity): number | null {
  return summarise(layers.map((layer) => varianceOf(momentsOf(layer, quantity))).filter((value) => value !== null))?.median ?? null;
}

function entry(term: string, value: number | null, moments: Moments | null): readonly Child[] {
  const alarming = value === 0 || Number.isNaN(value);
  return [
    element('dt', { class: 'muted', text: term }),
    element('dd', { class: 'picture-cell' }, [sparkline(moments?.histogram)]),
    element('dd', { class: alarming ? 'severity-error' : '', text: Number.isNaN(value) ? 'NaN, ∞' : significant(value), title: exact(value) }),
  ];
}

function zerosEntry(layers: readonly LayerRun[]): readonly Child[] {
  const known = layers.map((layer) => layer.activation).filter((moments) => moments !== null && moments.count > 0);
  const share = known.reduce((sum, moments) => sum + (moments ? moments.zeros / moments.count : 0), 0) / Math.max(1, known.length);
  if (known.length === 0) return [];
  return plainEntry(say('zeros'), share === 0 ? '0' : `${significant(100 * share)} %`, say('{0} of the activations', exact(share)));
}

function ratioEntry(layers: readonly LayerRun[]): readonly Child[] {
  const ratios = layers.map((layer) => layer.weights[0]?.ratio ?? null).filter((ratio) => ratio !== null);
  const middle = summarise(ratios)?.median ?? null;
  if (middle === null) return [];
  return plainEntry('∂w / w', significant(middle), say('root mean square of the gradient over that of the weight: {0}', exact(middle)));
}

function plainEntry(term: string, text: string, title: string): readonly Child[] {
  return [element('dt', { class: 'muted', text: term, title }), element('dd', { class: 'picture-cell' }), element('dd', { text, title })];
}
