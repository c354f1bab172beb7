import type { SimulationRun } from '../../protocol/simulation';
import { say, sayOf } from '../../protocol/words';
import { rounded } from './advice';

/** So many are named. */
const most = 3;

/** What runs have made wider or narrower before the one that is shown, in sentences. */
export function rescaledWords({ scheme, seed, rescaled = [] }: Pick<SimulationRun, 'scheme' | 'seed' | 'rescaled'>): readonly string[] {
  if (rescaled.length === 0) return [];
  const missed = rescaled.filter(({ isMissed }) => isMissed);
  const how = rescaled.slice(0, most).map(({ layer, factor, measured, wanted }) => (
    say('{0} × {1} (variance {2}, to be {3})', layer, rounded(factor), rounded(measured), rounded(wanted)))).join(', ');
  const all = rescaled.length > most ? say('{0}, and {1} more', how, rescaled.length - most) : how;
  const text = sayOf(rescaled.length, '{1}, seed {2}: {0} kernel rescaled by what a run showed: {3}.',
    '{1}, seed {2}: {0} kernels rescaled by what a run showed: {3}.',
    scheme === 'lsuv' ? 'LSUV' : say('Recommended'), seed, all);
  const names = missed.map(({ layer }) => layer).slice(0, most).join(', ');
  return [missed.length === 0 ? text : `${text} ${say('{0} cannot be made right so.', missed.length > most ? `${names} …` : names)}`];
}
