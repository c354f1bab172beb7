// Which schemes are compared: a chip for each, and the others behind "+".

import type { SchemeDescription, SchemeId, SchemeOptions, SimulatedScheme } from '../../src/protocol/schemes';
import type { PanelMethods } from '../../src/protocol/panel';
import type { SchemeParameters } from '../../src/protocol/simulation';
import { say } from '../../src/protocol/words';
import type { Host } from '../messaging/connection';
import { element, icon, type Child } from '../ui/element';
import { menuButton } from '../ui/menu';
import { marker } from './schemeStyle';

/** Offered as chips whether they are on or off. */
const offered: readonly SimulatedScheme[] = ['current', 'recommended', 'zeros'];

/** What is compared. */
export interface Compared {
  readonly schemes: readonly SimulatedScheme[];
  readonly parameters: SchemeParameters;
}

/** Has VS Code ask for the parameters of a scheme, and answers with what is compared then. */
export async function askForParameters(host: Host<PanelMethods>, { schemes, parameters }: Compared, scheme: SchemeId): Promise<Compared | null> {
  const { options } = await host.call('pickParameters', { scheme, options: parameters[scheme] ?? {} });
  if (!options) return null;
  const { [scheme]: _before, ...others } = parameters;
  return { schemes, parameters: Object.keys(options).length === 0 ? others : { ...others, [scheme]: options } };
}

export function schemeChips(
  { schemes: chosen, parameters }: Compared, schemes: readonly SchemeDescription[], change: (chosen: readonly SimulatedScheme[]) => void,
  onParameters: (scheme: SchemeId) => void,
): readonly Child[] {
  const isOn = (id: SimulatedScheme): boolean => chosen.includes(id);
  const withScheme = (id: SimulatedScheme): void => change(schemes.map((scheme) => scheme.id).filter((known) => known === id || isOn(known)));
  const shown = schemes.filter(({ id }) => isOn(id) || offered.includes(id));
  const hidden = schemes.filter((scheme) => !shown.includes(scheme));
  return [
    ...shown.flatMap((scheme) => {
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
      const { id, options, title } = scheme;
      return on && id !== 'current' && options.length > 0 ? [chip, parameterButton(title, id, parameters[id], onParameters)] : [chip];
    }),
    addSchemeMenu(hidden, withScheme),
  ];
}

/** Behind the chip of a scheme that takes some: pressed where it has others than its own. */
function parameterButton(title: string, id: SchemeId, given: SchemeOptions | undefined, onParameters: (scheme: SchemeId) => void): HTMLElement {
  const asks = element('button', {
    class: 'segment parameters', testid: `parameters-${id}`, title: say('Parameters of {0}…', title), label: say('Parameters of {0}…', title),
    attributes: { 'type': 'button', 'aria-pressed': String(given !== undefined) },
  }, [icon('settings')]);
  asks.addEventListener('click', () => onParameters(id));
  return asks;
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
