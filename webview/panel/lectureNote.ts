// What an experiment of the lecture says of what is seen, over whichever page it is on.

import type { PanelState } from '../../src/protocol/panel';
import { say } from '../../src/protocol/words';
import { element, icon, replaceChildren } from '../ui/element';

export interface LectureNote {
  readonly root: HTMLElement;
  show(state: PanelState): void;
}

export function createLectureNote(onClose: () => void): LectureNote {
  const root = element('div', { class: 'lecture', testid: 'lecture', role: 'note' });
  const close = element('button', {
    class: 'segment', testid: 'close-lecture', title: say('Close'), label: say('Close'), attributes: { type: 'button' },
  }, [icon('close')]);
  close.addEventListener('click', onClose);
  root.hidden = true;
  return {
    root,
    show(state) {
      const lecture = state.kind === 'model' ? state.lecture : null;
      root.hidden = lecture === null;
      if (!lecture) return;
      replaceChildren(root, [
        icon('mortar-board'),
        // Where the panel is low, two lines of it are seen.
        element('p', { class: 'copyable', title: lecture.text }, [
          element('strong', { text: lecture.title }), element('span', { text: ` ${lecture.text}` }),
        ]),
        close,
      ]);
    },
  };
}
