// The gradients of two models in one chart: both run alike, what the left one does behind what the right one does.

import { pairLayers } from '../../core/comparison/pairing';
import type { GradientPanel } from '../gradientPanel';
import type { ModelDocument } from '../modelDocument';
import type { ModelDocuments } from '../modelDocuments';
import { notify } from '../notifications';
import { say } from '../../protocol/words';

/** Why the two cannot be run, or null. */
export function whyNotComparable(left: ModelDocument, right: ModelDocument): string | null {
  const kept = [left, right].find((document) => !document.opened || document.readOnly !== null);
  if (!kept) return null;
  return kept.readOnly ?? kept.error?.message ?? say('{0} cannot be run.', kept.name);
}

/** With the weights that each holds now, under the conditions that were last chosen for the right one. */
export async function compareGradients(panel: GradientPanel, documents: ModelDocuments, left: ModelDocument, right: ModelDocument): Promise<void> {
  documents.activate(right);
  const chosen = panel.options;
  const why = whyNotComparable(left, right);
  if (!chosen || why !== null) {
    void notify.warning(why ?? say('{0} cannot be run.', right.name));
    return;
  }
  const options = { ...chosen, schemes: ['current'] as const, whatIf: null, deepen: 0 };
  await panel.openPage('signal');
  documents.activate(left);
  const ended = await panel.runBehind(options, left.name);
  documents.activate(right);
  if (ended?.kind === 'cancelled') return;
  if (ended?.kind === 'failed') {
    void notify.warning(say('{0} could not be run, so nothing of it lies behind {1}: {2}', left.name, right.name, ended.error.message));
  }
  const pairs = pairLayers(left.report()?.layers ?? [], right.report()?.layers ?? []);
  const names = new Map(pairs.flatMap((pair) => (pair.left && pair.right ? [[pair.left.name, pair.right.name] as const] : [])));
  await panel.demonstrate(null, options, ended?.kind === 'finished' ? { model: left.uri.toString(), names } : null);
}
