import type { PanelState } from '../../src/protocol/panel';

export type ModelState = Extract<PanelState, { kind: 'model' }>;
