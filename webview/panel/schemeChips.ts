// Which schemes are compared: a chip for each, and the others behind "+".

import type { SchemeDescription, SchemeId, SimulatedScheme } from '../../src/protocol/schemes';
import type { PanelMethods } from '../../src/protocol/panel';
import type { SchemeParameters } from '../../src/protocol/simulation';
import { say } from '../../src/protocol/words';
import type { Host } from '../messaging/connection';
import { element, type Child } from '../ui/element';
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

export interface Offered {
  readonly schemes: readonly SchemeDescription[];
  /** Why no scheme can be applied. */
  readonly readOnly: string | null;
}

export interface ChipActions {
  readonly change: (chosen: readonly SimulatedScheme[]) => void;
  readonly onParameters: (scheme: SchemeId) => void;
  readonly onApply: (scheme: SchemeId) => void;
}

export function schemeChips({ schemes: chosen, parameters }: Compared, { schemes, readOnly }: Offered, actions: ChipActions): readonly Child[] {
  const { change } = actions;
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
      const { id } = scheme;
      return on && id !== 'current' ? [chip, schemeMenu(scheme, id, parameters[id] !== undefined, readOnly, actions)] : [chip];
    }),
    addSchemeMenu(hidden, withScheme),
  ];
}

/** Behind the chip of a scheme that is compared; it has another picture where the scheme has other parameters than its own. */
function schemeMenu(
  { title, formula, options }: SchemeDescription, id: SchemeId, isGiven: boolean, readOnly: string | null, { onApply, onParameters }: ChipActions,
): HTMLElement {
  const menu = menuButton({
    label: '', icon: isGiven ? 'settings' : 'chevron-down', title: say('What to do with {0}', title), testid: `scheme-${id}`,
    items: [
      {
        title: say('Apply {0}…', title), detail: readOnly ?? say('to the weights of the model, after a preview'), testid: `apply-${id}`,
        isDisabled: readOnly !== null, onSelect: () => onApply(id),
      },
      ...(options.length === 0 ? [] : [
        { title: say('Parameters of {0}…', title), detail: formula, testid: `parameters-${id}`, onSelect: () => onParameters(id) },
      ]),
    ],
  });
  menu.classList.add('bare', 'of-chip');
  return menu;
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
