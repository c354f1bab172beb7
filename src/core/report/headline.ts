// One sentence that answers whether a network can learn from where its weights start: from what single weights show, and from the verdict on the whole.

import type { Headline } from '../../protocol/inspector';
import type { Diagnostic, LayerReport } from '../../protocol/report';
import type { Remedy, Verdict } from '../../protocol/verdict';
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
    const counted = kernels.length === 1 ? '1 layer with a kernel' : `${grouped(kernels.length)} layers with kernels`;
    return { severity: 'info', text: `${counted}; measuring…` };
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
  const why = frozen === undefined ? 'no layer of this model has a weight that Initscope can set' : `its kernels are left alone, because ${frozen}`;
  return { severity: 'info', text: `There is nothing to initialise: ${why}.` };
}

function ofBroken(kernels: readonly LayerReport[], broken: readonly Diagnostic[]): Headline {
  const [unreadable, ...others] = broken.filter((found) => found.code === 'unreadable-weight');
  if (unreadable) {
    const text = `${unreadable.message} ${unreadable.remedy}`;
    return { severity: 'error', text: others.length === 0 ? text : `Weights of ${grouped(others.length + 1)} layers cannot be read. The first: ${text}` };
  }
  return { severity: 'error', text: `${counted(broken, kernels)} cannot learn as ${broken.length === 1 ? 'it is' : 'they are'}: ${broken[0]?.message ?? ''}` };
}

/** What a run has shown stays true, and says itself that it is no reason to start anew. Theory is of weights that are independent, as trained ones are not. */
function ofTrained({ message, remedy }: Diagnostic, verdict: Verdict | null): Headline {
  return { severity: 'info', text: verdict?.basis === 'measured' ? verdict.text : `${message} ${remedy}` };
}

function ofVerdict({ text, severity, remedy }: Verdict, kernels: readonly LayerReport[], wrong: readonly Diagnostic[],
  general: readonly Diagnostic[]): Headline {
  const layers = wrong.length === 0 ? '' : ` ${counted(wrong, kernels)} ${wrong.length === 1 ? 'is' : 'are'} out of scale: ${briefly(wrong[0])}.`;
  const whole = remedy === null ? general.find((each) => each.severity === 'warning') : undefined;
  return { severity, text: `${text}${layers}${whole ? ` ${whole.remedy}` : ''}` };
}

/** Kernels that are off, in a network that all the same may carry its signal. */
function ofWrong(kernels: readonly LayerReport[], wrong: readonly Diagnostic[], verdict: Verdict | null): Headline {
  const carried = verdict ? ` All the same ${lowered(verdict.text)}` : '';
  const verb = wrong.length === 1 ? 'does not start as it should' : 'do not start as they should';
  return { severity: 'warning', text: `${counted(wrong, kernels)} ${verb}: ${wrong[0]?.message ?? ''}${carried}` };
}

function inScale(layers: readonly LayerReport[], kernels: readonly LayerReport[], noted: number, verdict: Verdict | null): Headline {
  const known = kernels.filter((layer) => layer.weights.some((weight) => isKernel(weight) && weight.statistics));
  if (known.length < kernels.length) {
    return { severity: 'info', text: `${grouped(known.length)} of ${grouped(kernels.length)} kernels have been measured; these are in scale.` };
  }
  const all = layers.filter((layer) => layer.weights.some(isKernel)).length;
  const carried = verdict ? ` ${verdict.text}` : '';
  if (kernels.length < all) return { severity: 'ok', text: `${ofSome(kernels.length, all)}${carried}` };
  return { severity: verdict?.severity ?? 'ok', text: `${noted > 0 ? butFor(noted, kernels.length) : ofAll(kernels.length)}${carried}` };
}

const ofAll = (count: number): string => (count === 1 ? `The kernel is within ${worthAWord}× of the scale its layer needs.`
  : `All ${grouped(count)} kernels are within ${worthAWord}× of the scale their layers need.`);

/** The others are read by norms, or are quiet answers. */
function butFor(noted: number, count: number): string {
  const others = noted === 1 ? 'the other' : 'the others';
  const within = `${grouped(count - noted)} of ${grouped(count)} kernels are within ${worthAWord}× of the scale their layers need`;
  return `${within}; on that of ${others} no signal depends.`;
}

/** The others keep their values: of them nothing is said. */
function ofSome(judged: number, all: number): string {
  const [which, whose] = judged === 1 ? ['1 kernel', 'its layer needs'] : [`${grouped(judged)} kernels`, 'their layers need'];
  const verb = judged === 1 ? 'is' : 'are';
  return `${which} of ${grouped(all)} ${verb} judged, and within ${worthAWord}× of the scale ${whose}. The others keep their values.`;
}

/** Without the numbers, which the layer has. */
const briefly = (found: Diagnostic | undefined): string => found?.message.split(': ')[0] ?? '';

const counted = (found: readonly Diagnostic[], kernels: readonly LayerReport[]): string => `${grouped(found.length)} of ${grouped(kernels.length)} layers`;
const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.toReversed().map((diagnostic) => [diagnostic.layer, diagnostic])).values()].toReversed();
}
