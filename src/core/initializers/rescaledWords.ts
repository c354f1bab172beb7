import type { SimulationRun } from '../../protocol/simulation';
import { rounded } from './advice';

/** So many are named. */
const most = 3;

/** What runs have made wider or narrower before the one that is shown, in sentences. */
export function rescaledWords({ scheme, seed, rescaled = [] }: Pick<SimulationRun, 'scheme' | 'seed' | 'rescaled'>): readonly string[] {
  if (rescaled.length === 0) return [];
  const missed = rescaled.filter(({ isMissed }) => isMissed);
  const how = rescaled.slice(0, most).map(({ layer, factor, measured, wanted }) => (
    `${layer} × ${rounded(factor)} (variance ${rounded(measured)}, to be ${rounded(wanted)})`)).join(', ');
  const rest = rescaled.length > most ? `, and ${rescaled.length - most} more` : '';
  const which = rescaled.length === 1 ? '1 kernel' : `${rescaled.length} kernels`;
  const left = missed.length === 0 ? ''
    : ` ${missed.map(({ layer }) => layer).slice(0, most).join(', ')}${missed.length > most ? ' …' : ''} cannot be made right so.`;
  return [`${scheme === 'lsuv' ? 'LSUV' : 'Recommended'}, seed ${seed}: ${which} rescaled by what a run showed: ${how}${rest}.${left}`];
}
