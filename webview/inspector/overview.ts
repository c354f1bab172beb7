import type { InspectorState } from '../../src/protocol/inspector';
import type { ModelReport, ValueReport } from '../../src/protocol/report';
import { abbreviated, baseName, bytes, grouped, plural, shape } from '../format';
import { element, icon, type Child } from '../ui/element';
import { button } from '../ui/kit';
import { diagnosticItem } from './layerDetail';

export type Ready = Extract<InspectorState, { kind: 'ready' }>;

const headlineIcons = { ok: 'pass', info: 'info', warning: 'warning', error: 'error' } as const;

/** What the file is, in one line. */
export function modelHeader(report: ModelReport): HTMLElement {
  const dtypes = new Set(report.layers.flatMap((layer) => layer.weights.map((weight) => weight.dtype)));
  const dtype = dtypes.size === 1 ? ` ${[...dtypes].join('')}` : '';
  const facts: readonly Child[] = [
    report.producer === '' ? null : element('span', { text: report.producer }),
    report.opset === null ? null : element('span', { text: `opset ${report.opset}` }),
    element('span', {
      class: 'number', text: `${abbreviated(report.parameters)} weights, ${bytes(report.storedBytes)}${dtype}`,
      title: `${grouped(report.parameters)} elements in ${plural(report.layers.length, 'layer')}; `
        + `${grouped(report.storedFloats)} floats stored in ${grouped(report.storedBytes)} bytes`,
    }),
    element('span', {
      class: 'signature', text: `${values(report.inputs)} → ${values(report.outputs)}`,
      title: `inputs\n${valueLines(report.inputs)}\noutputs\n${valueLines(report.outputs)}`,
    }),
  ];
  return element('header', { class: 'model-header', testid: 'model-header' }, [
    element('h1', { class: 'copyable', text: baseName(report.file), title: report.file }),
    element('div', { class: 'model-facts muted copyable' }, facts),
  ]);
}

function values(reports: readonly ValueReport[]): string {
  const shown = reports.slice(0, 2).map((value) => `${value.name} ${shape(value.shape)}`);
  return shown.join(', ') + (reports.length > 2 ? ` +${reports.length - 2}` : '');
}

function valueLines(reports: readonly ValueReport[]): string {
  return reports.map((value) => `  ${value.name}: ${value.dtype} ${shape(value.shape)}`).join('\n');
}

/** One sentence that answers the question, and what to do about it. */
export function headline(state: Ready, fix: (() => void) | null): HTMLElement {
  const { text, severity } = state.headline;
  const mark = icon(headlineIcons[severity], severity === 'ok' ? 'all well' : severity);
  mark.classList.add(`severity-${severity}`);
  return element('div', { class: 'headline', testid: 'headline', role: 'status', attributes: { 'data-severity': severity } }, [
    mark,
    element('span', { class: 'sentence copyable', text }),
    fix === null ? null : button({
      label: 'Fix…', kind: 'primary', testid: 'fix', disabled: state.readOnly !== null,
      title: state.readOnly ?? 'Reinitialize the layers that need attention, with a preview', onClick: fix,
    }),
  ]);
}

/** What the model as a whole suffers from, and what keeps it from being written or run. */
export function modelNotices(state: Ready): HTMLElement | null {
  const general = state.report.diagnostics.filter((diagnostic) => diagnostic.layer === null);
  const limits = [
    state.readOnly === null ? null : limit('lock', state.readOnly),
    state.notRunnable === null || state.notRunnable === state.readOnly ? null : limit('circle-slash', state.notRunnable),
  ].filter((entry) => entry !== null);
  if (general.length === 0 && limits.length === 0) return null;
  return element('ul', { class: 'diagnostics model-notices', testid: 'model-notices' }, [...limits, ...general.map(diagnosticItem)]);
}

function limit(glyph: string, text: string): HTMLElement {
  return element('li', { class: 'diagnostic' }, [icon(glyph), element('span', { class: 'copyable', text })]);
}
