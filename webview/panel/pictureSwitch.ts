// Which picture of the runs is seen.

import { element, icon } from '../ui/element';
import { say } from '../../src/protocol/words';
import { comparisonPictures, type Picture } from './comparison';

const pictures: Readonly<Record<Picture, { readonly title: string; readonly icon: string }>> = {
  variance: { title: say('Variance by depth'), icon: 'graph-line' },
  distributions: { title: say('Distributions, layer by layer'), icon: 'graph' },
  blocks: { title: say('Signal propagation, block by block'), icon: 'git-merge' },
  phase: { title: say('Order and chaos of the activation'), icon: 'graph-scatter' },
};

export function pictureSwitch(onPicture: (picture: Picture) => void): { readonly root: HTMLElement; show(picture: Picture): void } {
  const buttons = comparisonPictures.map((id) => {
    const { title, icon: glyph } = pictures[id];
    const button = element('button', {
      class: 'segment', testid: `picture-${id}`, title, label: title, role: 'radio', attributes: { type: 'button' },
    }, [icon(glyph)]);
    button.addEventListener('click', () => onPicture(id));
    return { id, button };
  });
  const root = element('div', { class: 'segments picture-switch', role: 'radiogroup', label: say('Picture') }, buttons.map(({ button }) => button));
  root.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = buttons.findIndex(({ button }) => button === document.activeElement);
    const next = step === undefined ? undefined : buttons[(at + step + buttons.length) % buttons.length];
    if (!next) return;
    event.preventDefault();
    onPicture(next.id);
    next.button.focus();
  });
  return {
    root,
    show(picture) {
      for (const { id, button } of buttons) {
        button.setAttribute('aria-checked', String(id === picture));
        button.tabIndex = id === picture ? 0 : -1;
      }
    },
  };
}
