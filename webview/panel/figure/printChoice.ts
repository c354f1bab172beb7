// Whether what is taken away is black on white; chosen for all charts at once, and remembered.

import type { PanelMethods } from '../../../src/protocol/panel';
import { recall, remember, type Host } from '../../messaging/connection';
import type { FigureActions } from './figureMenu';

let { isPrint: isChosen } = recall({ isPrint: false });

/** Figures of a page, saved by the host. */
export function createFigureActions(host: Host<PanelMethods>, words: FigureActions['words']): FigureActions {
  return {
    words, isPrint: () => isChosen,
    onPrint(isPrint) {
      isChosen = isPrint;
      remember({ isPrint });
    },
    save: (name, format, content) => void host.call('saveFigure', { name, format, content }),
    copied: (what, problem) => void host.call('copied', { what, problem }),
  };
}
