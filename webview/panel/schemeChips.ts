// Which schemes are compared: a chip for each, and the others behind "+".

import type { SchemeDescription, SimulatedScheme } from '../../src/protocol/schemes';
import { say } from '../../src/protocol/words';
import { element, type Child } from '../ui/element';
import { menuButton } from '../ui/menu';
import { marker } from './schemeStyle';

/** Offered as chips whether they are on or off. */
const offered: readonly SimulatedScheme[] = ['current', 'recommended', 'zeros'];

export function schemeChips(
  chosen: readonly SimulatedScheme[], schemes: readonly SchemeDescription[], change: (chosen: readonly SimulatedScheme[]) => void,
): readonly Child[] {
  const isOn = (id: SimulatedScheme): boolean => chosen.includes(id);
  const withScheme = (id: SimulatedScheme): void => change(schemes.map((scheme) => scheme.id).filter((known) => known === id || isOn(known)));
  const shown = schemes.filter(({ id }) => isOn(id) || offered.includes(id));
  const hidden = schemes.filter((scheme) => !shown.includes(scheme));
  return [
    ...shown.map((scheme) => {
      const on = isOn(scheme.id);
      const chip = element('button', {
        class: 'chip', testid: `chip-${scheme.id}`, title: `${scheme.title}: ${scheme.formula}\n${scheme.when}`,
        attributes: { 'type': 'button', 'aria-pressed': String(on) },
      }, [marker(scheme.id, on), element('span', { text: scheme.title })]);
      chip.addEventListener('click', () => {
        if (!on) withScheme(scheme.id);
        // One line at least: an empty chart answers nothing.
        else if (chosen.length > 1) change(chosen.filter((id) => id !== scheme.id));
      });
      return chip;
    }),
    addSchemeMenu(hidden, withScheme),
  ];
}

function addSchemeMenu(hidden: readonly SchemeDescription[], add: (id: SimulatedScheme) => void): HTMLElement {
  const menu = menuButton({
    label: '', icon: 'add', title: say('Add a scheme to compare'), testid: 'add-scheme',
    items: hidden.map(({ id, title, formula }) => ({ title, detail: formula, testid: `add-${id}`, onSelect: () => add(id) })),
  });
  menu.classList.add('bare');
  menu.hidden = hidden.length === 0;
  return menu;
}
