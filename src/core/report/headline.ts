// One sentence that answers whether a network can learn from where its weights start: from what single weights show, and from the verdict on the whole.

import type { Headline } from '../../protocol/inspector';
import type { Diagnostic, LayerReport } from '../../protocol/report';
import type { Remedy, Verdict } from '../../protocol/verdict';
import { say, sayOf } from '../../protocol/words';
import { worthAWord } from './diagnose';
import { isOfTrained } from './network';
import { grouped } from './numbers';

interface Known {
  readonly isMeasuring?: boolean;
  /** Of theory or, where there is one, of a simulation; null while it is not known, or where nothing follows the gradient. */
  readonly verdict?: Verdict | null;
  /** Asked for where something is wrong. */
  readonly remedies?: () => readonly Remedy[];
}

export function headline(layers: readonly LayerReport[], diagnostics: readonly Diagnostic[], known: Known = {}): Headline {
  const said = sentence(layers, diagnostics, known);
  const remedies = said.severity === 'warning' || said.severity === 'error' ? known.remedies?.() ?? [] : [];
  return remedies.length === 0 ? said : { ...said, remedies };
}

function sentence(
  layers: readonly LayerReport[], diagnostics: readonly Diagnostic[], { isMeasuring = false, verdict = null }: Known,
): Headline {
  const kernels = layers.filter((layer) => layer.weights.some((weight) => isKernel(weight) && weight.frozen === undefined));
  if (kernels.length === 0) return nothingToSet(layers, diagnostics);
  const found = (belongs: (diagnostic: Diagnostic) => boolean): readonly Diagnostic[] => unique(diagnostics.filter((each) => each.layer !== null
    && belongs(each)));
  // Of these no scale can tell: no signal gets out, or no two units learn different things.
  const broken = found(({ severity, code }) => severity === 'error' && code !== 'wrong-scale');
  if (broken.length > 0) return ofBroken(kernels, broken);
  const general = diagnostics.filter(({ layer }) => layer === null);
  const trained = general.find((each) => isOfTrained([each]));
  if (trained) return ofTrained(trained, verdict);
  const off = [...found(({ severity }) => severity === 'error'), ...found(({ severity }) => severity === 'warning')];
  const wrong = unique(off);
  if (verdict && (verdict.severity === 'error' || verdict.severity === 'warning')) return ofVerdict(verdict, kernels, wrong, general);
  if (wrong.length > 0) return ofWrong(kernels, wrong, verdict);
  const worst = general.find(({ severity }) => severity !== 'info');
  if (worst) return { severity: worst.severity, text: `${worst.message} ${worst.remedy}` };
  if (isMeasuring) {
    return { severity: 'info', text: sayOf(kernels.length, '{0} layer with a kernel; measuring…', '{0} layers with kernels; measuring…') };
  }
  return inScale(layers, kernels, found(({ code }) => code === 'wrong-scale').length, verdict);
}

function isKernel({ role }: LayerReport['weights'][number]): boolean {
  return role === 'kernel' || role === 'recurrent' || role === 'embedding';
}

function nothingToSet(layers: readonly LayerReport[], diagnostics: readonly Diagnostic[]): Headline {
  const unreadable = diagnostics.find((found) => found.code === 'unreadable-weight');
  if (unreadable) return { severity: 'error', text: `${unreadable.message} ${unreadable.remedy}` };
  const frozen = layers.flatMap((layer) => layer.weights).find((weight) => isKernel(weight) && weight.frozen !== undefined)?.frozen;
  const text = frozen === undefined ? say('There is nothing to initialise: no layer of this model has a weight that Initscope can set.')
    : say('There is nothing to initialise: its kernels are left alone, because {0}.', frozen);
  return { severity: 'info', text };
}

function ofBroken(kernels: readonly LayerReport[], broken: readonly Diagnostic[]): Headline {
  const [unreadable, ...others] = broken.filter((found) => found.code === 'unreadable-weight');
  if (unreadable) {
    const text = `${unreadable.message} ${unreadable.remedy}`;
    return { severity: 'error', text: others.length === 0 ? text
      : say('Weights of {0} layers cannot be read. The first: {1}', grouped(others.length + 1), text) };
  }
  return { severity: 'error', text: sayOf(broken.length, '{0} of {1} layers cannot learn as it is: {2}', '{0} of {1} layers cannot learn as they are: {2}',
    grouped(kernels.length), broken[0]?.message ?? '') };
}

/** What a run has shown stays true, and says itself that it is no reason to start anew. Theory is of weights that are independent, as trained ones are not. */
function ofTrained({ message, remedy }: Diagnostic, verdict: Verdict | null): Headline {
  return { severity: 'info', text: verdict?.basis === 'measured' ? verdict.text : `${message} ${remedy}` };
}

function ofVerdict({ text, severity, remedy }: Verdict, kernels: readonly LayerReport[], wrong: readonly Diagnostic[],
  general: readonly Diagnostic[]): Headline {
  const layers = wrong.length === 0 ? [] : [sayOf(wrong.length, '{0} of {1} layers is out of scale: {2}.', '{0} of {1} layers are out of scale: {2}.',
    grouped(kernels.length), briefly(wrong[0]))];
  const whole = remedy === null ? general.find((each) => each.severity === 'warning') : undefined;
  return { severity, text: [text, ...layers, ...whole ? [whole.remedy] : []].join(' ') };
}

/** Kernels that are off, in a network that all the same may carry its signal. */
function ofWrong(kernels: readonly LayerReport[], wrong: readonly Diagnostic[], verdict: Verdict | null): Headline {
  const text = sayOf(wrong.length, '{0} of {1} layers does not start as it should: {2}', '{0} of {1} layers do not start as they should: {2}',
    grouped(kernels.length), wrong[0]?.message ?? '');
  return { severity: 'warning', text: verdict ? say('{0} All the same {1}', text, lowered(verdict.text)) : text };
}

function inScale(layers: readonly LayerReport[], kernels: readonly LayerReport[], noted: number, verdict: Verdict | null): Headline {
  const known = kernels.filter((layer) => layer.weights.some((weight) => isKernel(weight) && weight.statistics));
  if (known.length < kernels.length) {
    return { severity: 'info', text: say('{0} of {1} kernels have been measured; these are in scale.', grouped(known.length), grouped(kernels.length)) };
  }
  const all = layers.filter((layer) => layer.weights.some(isKernel)).length;
  const carried = verdict ? ` ${verdict.text}` : '';
  if (kernels.length < all) return { severity: 'ok', text: `${ofSome(kernels.length, all)}${carried}` };
  return { severity: verdict?.severity ?? 'ok', text: `${noted > 0 ? butFor(noted, kernels.length) : ofAll(kernels.length)}${carried}` };
}

const ofAll = (count: number): string => (count === 1 ? say('The kernel is within {0}× of the scale its layer needs.', worthAWord)
  : say('All {0} kernels are within {1}× of the scale their layers need.', grouped(count), worthAWord));

/** The others are read by norms, or are quiet answers. */
function butFor(noted: number, count: number): string {
  const numbers = [grouped(count - noted), grouped(count), worthAWord] as const;
  return noted === 1 ? say('{0} of {1} kernels are within {2}× of the scale their layers need; on that of the other no signal depends.', ...numbers)
    : say('{0} of {1} kernels are within {2}× of the scale their layers need; on that of the others no signal depends.', ...numbers);
}

/** The others keep their values: of them nothing is said. */
function ofSome(judged: number, all: number): string {
  return sayOf(judged, '{0} kernel of {1} is judged, and within {2}× of the scale its layer needs. The others keep their values.',
    '{0} kernels of {1} are judged, and within {2}× of the scale their layers need. The others keep their values.', grouped(all), worthAWord);
}

/** Without the numbers, which the layer has. */
const briefly = (found: Diagnostic | undefined): string => found?.message.split(': ')[0] ?? '';

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.toReversed().map((diagnostic) => [diagnostic.layer, diagnostic])).values()].toReversed();
}
