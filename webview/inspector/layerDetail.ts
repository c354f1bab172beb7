import type { LayerComparison, Side, WeightComparison } from '../../src/protocol/comparison';
import type { Diagnostic, LayerReport, WeightReport } from '../../src/protocol/report';
import type { SchemeDescription, SchemeId } from '../../src/protocol/schemes';
import type { LayerForesight } from '../../src/protocol/simulation';
import { say } from '../../src/protocol/words';
import { grouped, shortened } from '../format';
import { element, icon, replaceChildren } from '../ui/element';
import { button } from '../ui/kit';
import { menuButton } from '../ui/menu';
import { severityWord } from '../ui/severityWord';
import { layerDifferences } from './differences';
import { isFrozen, type LayerView, type Measurements } from './health';
import { responseCard, throughTimeCard } from './foresightCards';
import { weightCard } from './weightCard';
import { followedBy, operatorLabel, residualSentence } from './wording';

export interface LayerDetailOptions {
  readonly onReinitialize: (layers: readonly string[], scheme: SchemeId | null) => void;
  readonly onClose: () => void;
}

export interface DetailContext {
  /** Names of all layers that are selected: what is done here is done to each. */
  readonly chosen: readonly string[];
  readonly schemes: readonly SchemeDescription[];
  readonly readOnly: string | null;
  readonly measurements: Measurements;
  /** Null while it is not known. */
  readonly foresight: LayerForesight | null;
  /** In a diff, what differs; null where nothing does, and outside of one. */
  readonly comparison: LayerComparison | null;
  readonly side: Side;
}

export interface LayerDetail {
  readonly root: HTMLElement;
  show(view: LayerView | null, context: DetailContext): void;
  focus(): void;
}

const severityIcons = { error: 'error', warning: 'warning', info: 'info' } as const satisfies Record<Diagnostic['severity'], string>;

/** Everything about the selected layer, under the table. */
export function createLayerDetail(options: LayerDetailOptions): LayerDetail {
  const root = element('aside', { class: 'detail', testid: 'layer-detail', label: say('Selected layer'), attributes: { tabindex: '-1' } });
  let shown: string | null = null;

  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) options.onClose();
  });

  return {
    root,
    show(view, context) {
      root.hidden = view === null;
      if (!view) {
        shown = null;
        replaceChildren(root, []);
        return;
      }
      const top = shown === view.layer.name ? root.scrollTop : 0;
      shown = view.layer.name;
      root.setAttribute('data-layer', view.layer.name);
      replaceChildren(root, [
        heading(view, context, options),
        view.diagnostics.length === 0 ? null
          : element('ul', { class: 'diagnostics', testid: 'layer-diagnostics' }, view.diagnostics.map(diagnosticItem)),
        context.comparison && layerDifferences(context.comparison),
        ...view.layer.weights.map((weight) => weightCard(weight, context.measurements, comparisonOf(weight, context))),
        context.foresight?.throughTime ? throughTimeCard(context.foresight.throughTime) : null,
        context.foresight?.response ? responseCard(context.foresight.response) : null,
        view.layer.weights.length === 0 ? element('p', { class: 'muted', text: say('This layer stores no weights of its own.') }) : null,
      ]);
      root.scrollTop = top;
    },
    focus: () => root.focus(),
  };
}

const comparisonOf = ({ id }: WeightReport, { comparison, side }: DetailContext): WeightComparison | null => (
  comparison?.weights.find((weight) => weight[side] === id) ?? null);

function placeInWords(layer: LayerReport): string {
  return [
    say('{0}, then {1}', operatorLabel(layer), followedBy(layer)),
    layer.scope === '' ? '' : say('in {0}', shortened(layer.scope, 80)),
    layer.residual ? residualSentence(layer.residual) : '',
  ].filter((part) => part !== '').join(' · ');
}

function heading(view: LayerView, context: DetailContext, options: LayerDetailOptions): HTMLElement {
  const { layer } = view;
  const locked = context.readOnly ?? lockOf(layer);
  const picked = pickedScheme(view, context);
  const { chosen } = context;
  const several = chosen.length > 1 ? grouped(chosen.length) : null;
  const words = wordsFor(several);
  return element('div', { class: 'detail-heading' }, [
    element('div', { class: 'detail-title' }, [
      element('h2', { class: 'cut copyable', text: shortened(layer.name, 200), title: layer.name }),
      element('span', { class: 'muted', testid: 'layer-place', text: placeInWords(layer) }),
      several === null ? null : element('span', { class: 'muted', testid: 'selected-count', text: say('One of {0} selected layers', several) }),
    ]),
    picked === undefined ? null : element('span', {
      class: 'tag', testid: 'picked-scheme', text: say('Picked: {0}', picked), title: say('Chosen for this layer: drawing all layers keeps to it'),
    }),
    element('div', { class: 'actions' }, [picked === undefined ? null : button({
      label: say('Reset to Recommended…'), testid: 'reset-scheme', disabled: locked !== null, title: locked ?? words.reset,
      onClick: () => options.onReinitialize(chosen, 'recommended'),
    }), button({
      label: words.reinitialize, testid: 'reinitialize-layer', disabled: locked !== null,
      title: locked ?? words.choose, onClick: () => options.onReinitialize(chosen, null),
    }),
    menuButton({
      label: say('Override'), testid: 'override-scheme', disabled: locked !== null,
      title: locked ?? words.override,
      items: context.schemes.flatMap(({ id, title, formula }) => (id === 'current' ? [] : [{
        title, detail: formula, testid: `override-${id}`, onSelect: () => options.onReinitialize(chosen, id),
      }])),
    })]),
    button({ label: say('Close'), icon: 'close', kind: 'icon', testid: 'close-detail', onClick: options.onClose }),
  ]);
}

/** What buttons say, of this layer or of several. */
function wordsFor(several: string | null): Readonly<Record<'reinitialize' | 'choose' | 'override' | 'reset', string>> {
  return several === null ? {
    reinitialize: say('Reinitialize Layer…'), choose: say('Choose a scheme for this layer, with a preview'),
    override: say('Draw this layer by a scheme, with a preview'), reset: say('Draw this layer as recommended, with a preview'),
  } : {
    reinitialize: say('Reinitialize {0} Layers…', several), choose: say('Choose a scheme for the {0} selected layers, with a preview', several),
    override: say('Draw the {0} selected layers by a scheme, with a preview', several),
    reset: say('Draw the {0} selected layers as recommended, with a preview', several),
  };
}

/** The scheme that a layer was given in place of the recommended one. */
function pickedScheme({ weight }: LayerView, { schemes }: DetailContext): string | undefined {
  const applied = weight?.applied;
  return applied?.picked === true ? schemes.find(({ id }) => id === applied.scheme)?.title : undefined;
}

function lockOf({ weights }: LayerReport): string | null {
  if (weights.length === 0) return null;
  return weights.every(isFrozen) ? say('Every weight of this layer is left alone') : null;
}

export function diagnosticItem(diagnostic: Diagnostic): HTMLElement {
  const mark = icon(severityIcons[diagnostic.severity], severityWord(diagnostic.severity));
  mark.classList.add(`severity-${diagnostic.severity}`);
  return element('li', { class: 'diagnostic', testid: 'diagnostic', attributes: { 'data-code': diagnostic.code } }, [
    mark,
    element('div', { class: 'copyable' }, [
      element('span', { text: diagnostic.message }),
      diagnostic.remedy === '' ? null : element('span', { class: 'muted', text: ` ${diagnostic.remedy}` }),
    ]),
  ]);
}
