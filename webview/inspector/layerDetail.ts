import type { Diagnostic, LayerReport } from '../../src/protocol/report';
import type { SchemeDescription, SchemeId } from '../../src/protocol/schemes';
import type { LayerForesight } from '../../src/protocol/simulation';
import { grouped, shortened } from '../format';
import { element, icon, replaceChildren } from '../ui/element';
import { button } from '../ui/kit';
import { menuButton } from '../ui/menu';
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
}

export interface LayerDetail {
  readonly root: HTMLElement;
  show(view: LayerView | null, context: DetailContext): void;
  focus(): void;
}

const severityIcons = { error: 'error', warning: 'warning', info: 'info' } as const satisfies Record<Diagnostic['severity'], string>;

/** Everything about the selected layer, under the table. */
export function createLayerDetail(options: LayerDetailOptions): LayerDetail {
  const root = element('aside', { class: 'detail', testid: 'layer-detail', label: 'Selected layer', attributes: { tabindex: '-1' } });
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
        ...view.layer.weights.map((weight) => weightCard(weight, context.measurements)),
        context.foresight?.throughTime ? throughTimeCard(context.foresight.throughTime) : null,
        context.foresight?.response ? responseCard(context.foresight.response) : null,
        view.layer.weights.length === 0 ? element('p', { class: 'muted', text: 'This layer stores no weights of its own.' }) : null,
      ]);
      root.scrollTop = top;
    },
    focus: () => root.focus(),
  };
}

function placeInWords(layer: LayerReport): string {
  return [
    `${operatorLabel(layer)}, then ${followedBy(layer)}`,
    layer.scope === '' ? '' : `in ${shortened(layer.scope, 80)}`,
    layer.residual ? residualSentence(layer.residual) : '',
  ].filter((part) => part !== '').join(' · ');
}

function heading(view: LayerView, context: DetailContext, options: LayerDetailOptions): HTMLElement {
  const { layer } = view;
  const locked = context.readOnly ?? lockOf(layer);
  const picked = pickedScheme(view, context);
  const { chosen } = context;
  const several = chosen.length > 1 ? grouped(chosen.length) : null;
  const [these, each] = several === null ? ['this layer', 'Layer'] : [`the ${several} selected layers`, `${several} Layers`];
  return element('div', { class: 'detail-heading' }, [
    element('div', { class: 'detail-title' }, [
      element('h2', { class: 'cut copyable', text: shortened(layer.name, 200), title: layer.name }),
      element('span', { class: 'muted', testid: 'layer-place', text: placeInWords(layer) }),
      several === null ? null : element('span', { class: 'muted', testid: 'selected-count', text: `One of ${several} selected layers` }),
    ]),
    picked === undefined ? null : element('span', {
      class: 'tag', testid: 'picked-scheme', text: `Picked: ${picked}`, title: 'Chosen for this layer: drawing all layers keeps to it',
    }),
    element('div', { class: 'actions' }, [picked === undefined ? null : button({
      label: 'Reset to Recommended…', testid: 'reset-scheme', disabled: locked !== null, title: locked ?? `Draw ${these} as recommended, with a preview`,
      onClick: () => options.onReinitialize(chosen, 'recommended'),
    }), button({
      label: `Reinitialize ${each}…`, testid: 'reinitialize-layer', disabled: locked !== null,
      title: locked ?? `Choose a scheme for ${these}, with a preview`, onClick: () => options.onReinitialize(chosen, null),
    }),
    menuButton({
      label: 'Override', testid: 'override-scheme', disabled: locked !== null,
      title: locked ?? `Draw ${these} by a scheme, with a preview`,
      items: context.schemes.flatMap(({ id, title, formula }) => (id === 'current' ? [] : [{
        title, detail: formula, testid: `override-${id}`, onSelect: () => options.onReinitialize(chosen, id),
      }])),
    })]),
    button({ label: 'Close', icon: 'close', kind: 'icon', testid: 'close-detail', onClick: options.onClose }),
  ]);
}

/** The scheme that a layer was given in place of the recommended one. */
function pickedScheme({ weight }: LayerView, { schemes }: DetailContext): string | undefined {
  const applied = weight?.applied;
  return applied?.picked === true ? schemes.find(({ id }) => id === applied.scheme)?.title : undefined;
}

function lockOf({ weights }: LayerReport): string | null {
  if (weights.length === 0) return null;
  return weights.every(isFrozen) ? 'Every weight of this layer is left alone' : null;
}

export function diagnosticItem(diagnostic: Diagnostic): HTMLElement {
  const mark = icon(severityIcons[diagnostic.severity], diagnostic.severity);
  mark.classList.add(`severity-${diagnostic.severity}`);
  return element('li', { class: 'diagnostic', testid: 'diagnostic', attributes: { 'data-code': diagnostic.code } }, [
    mark,
    element('div', { class: 'copyable' }, [
      element('span', { text: diagnostic.message }),
      diagnostic.remedy === '' ? null : element('span', { class: 'muted', text: ` ${diagnostic.remedy}` }),
    ]),
  ]);
}
