import type { SchemeDescription, SchemeId, SchemeOptions } from '../../protocol/schemes';
import { schemeIds } from '../../protocol/schemes';
import type { SchemeParameters } from '../../protocol/simulation';
import { say } from '../../protocol/words';
import type { LayerWeight } from '../layers/layer';
import type { Fans } from '../ops/spec';
import { activationSchemes } from './activationSchemes';
import { constantSchemes } from './constantSchemes';
import type { FanScheme } from './fanSchemes';
import { fanSchemes } from './fanSchemes';
import { gainBefore } from './kernelAdvice';
import { kernelSchemes } from './kernelSchemes';
import { librarySchemes } from './librarySchemes';
import { fansOf, momentScheme } from './momentScheme';
import { residualSchemes } from './residualSchemes';
import type { Resolved } from './resolved';
import { scalingSchemes } from './scalingSchemes';
import type { Scheme } from './scheme';
import { drawParts } from './scheme';
import { structuredSchemes } from './structuredSchemes';
import { transformerSchemes } from './transformerSchemes';
import { resolveNamed } from './advice';

function byFans(scheme: FanScheme & { readonly id: Scheme['id'] & Parameters<typeof resolveNamed>[0] }): Scheme {
  const { id, title, group, formula, when, source, options } = scheme;
  return {
    id, title, group, formula, when, source, options,
    draw: ({ weight }, chosen) => (
      weight.role === 'kernel' ? drawParts(weight, (part) => resolveFor(weight, id, fansOf(weight, part?.fans ?? null), chosen)) : null),
  };
}

/** What the graph makes of the tensor has the scale of the scheme. */
function resolveFor({ computed }: LayerWeight, id: Parameters<typeof resolveNamed>[0], fans: Fans, options: SchemeOptions): Resolved {
  const { std, gain } = resolveNamed(id, fans, options);
  return resolveNamed(id, fans, computed ? { ...options, gain: gainBefore(computed, std, gain ?? 1) } : options);
}

const all = [
  ...fanSchemes.map(byFans), momentScheme, ...structuredSchemes, ...kernelSchemes, ...activationSchemes, ...librarySchemes, ...residualSchemes,
  ...transformerSchemes, ...scalingSchemes, ...constantSchemes,
];
const byId: ReadonlyMap<SchemeId, Scheme> = new Map(all.map((scheme) => [scheme.id, scheme]));

export function schemeOf(id: Exclude<SchemeId, 'recommended'>): Scheme {
  const scheme = byId.get(id);
  if (!scheme) throw new Error(`There is no scheme ${id}.`);
  return scheme;
}

/** In the order in which menus list them. */
export const schemes: readonly Scheme[] = schemeIds.flatMap((id) => (id === 'recommended' ? [] : schemeOf(id)));

/** Every scheme as menus and legends show it. */
export const schemeDescriptions: readonly SchemeDescription[] = [
  {
    id: 'current', title: say('Current'), group: 'Current', formula: say('as stored'), when: say('The weights as they are in the document.'), source: '',
      options: [],
  },
  {
    id: 'recommended', title: say('Recommended'), group: 'Recommended', formula: say('layer by layer'),
    when: say('What each layer should start from, by its fans and the activation that follows.'),
    source: 'Glorot & Bengio 2010; He et al. 2015; LeCun et al. 1998', options: [],
  },
  ...schemes.map(({ id, title, group, formula, when, source, options }) => ({ id, title, group, formula, when, source, options })),
];

export function describeScheme(id: SchemeId): SchemeDescription {
  const found = schemeDescriptions.find((scheme) => scheme.id === id);
  if (!found) throw new Error(`There is no scheme ${id}.`);
  return found;
}

/** "He normal, mode fan_out" */
export function titleWith(title: string, options: SchemeOptions = {}): string {
  return [title, ...Object.entries(options).map(([name, value]) => `${name} ${String(value)}`)].join(', ');
}

/** Every scheme, called by the parameters that it is given. */
export function describedWith(parameters: SchemeParameters): readonly SchemeDescription[] {
  return schemeDescriptions.map((scheme) => (
    scheme.id === 'current' ? scheme : { ...scheme, title: titleWith(scheme.title, parameters[scheme.id]) }));
}
