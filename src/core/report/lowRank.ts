import type { Diagnostic, WeightStatistics } from '../../protocol/report';
import { say } from '../../protocol/words';
import { shortened } from '../graph/names';
import type { Layer } from '../layers/layer';
import { lowRankFactor } from '../layers/layer';
import { isAbout } from './diagnose';

const isZero = (statistics: WeightStatistics | undefined): boolean => statistics?.std === 0 && statistics.mean === 0;

/**
 * Of a low-rank update (Hu et al. 2021, section 4.1): that it is not zero, which is how it starts, or that both of its factors are, of which neither
 * has a gradient then.
 */
export function lowRankFindings(layer: Layer, statistics: ReadonlyMap<string, WeightStatistics>): readonly Diagnostic[] {
  return layer.weights.flatMap(({ id, name, role, firstFactor }): readonly Diagnostic[] => {
    const own = statistics.get(id);
    if (role !== 'update' || own?.std == null || own.nonFinite > 0) return [];
    if (!isZero(own)) {
      const message = say('{0} is not zero: the low-rank update changes what its layer computes, as it does once it is trained.', shortened(name));
      return [{ severity: 'info', code: 'trained-update', layer: layer.name, message, remedy: '' }];
    }
    if (firstFactor === undefined || !isZero(statistics.get(firstFactor))) return [];
    const message = say('Both factors of the low-rank update are zero, {0} and {1}: neither gets a gradient.', shortened(firstFactor), shortened(name));
    return [{ severity: 'warning', code: 'dead-update', layer: layer.name, message, remedy: say('Reinitialize the first factor.') }];
  });
}

/** The first factor of an update may well be zero: what that means the second one tells. */
export function isOfFirstFactor({ weights }: Layer, { code, message }: Diagnostic): boolean {
  return code === 'all-zero-kernel' && weights.some(({ name, computed }) => computed === lowRankFactor && isAbout(message, shortened(name)));
}
