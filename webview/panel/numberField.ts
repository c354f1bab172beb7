import { grouped } from '../format';
import { element } from '../ui/element';
import { textField } from '../ui/kit';
import { say } from '../../src/protocol/words';

export interface NumberFieldOptions {
  readonly label: string;
  readonly value: number | null;
  readonly least: number;
  readonly most?: number;
  readonly isWhole?: boolean;
  readonly testid: string;
  /** Null where the field is left empty, which is up to Initscope. */
  readonly onChange: (value: number | null) => void;
}

/** A number, or nothing. What is no number that can be meant stays to be mended, and is told why it is not taken. */
export function numberField({ label, value, least, most = Infinity, isWhole = true, testid, onChange }: NumberFieldOptions): HTMLElement {
  const message = element('span', { class: 'field-message', role: 'alert', testid: `${testid}-message` });
  message.hidden = true;
  const expected = expectation({ least, most, isWhole });
  const field = textField({
    label, value: value === null ? '' : String(value), placeholder: say('auto'), size: 3, testid, title: label,
    refuse(text) {
      if (text.trim() === '') return null;
      const next = Number(text);
      const isMeant = (isWhole ? Number.isSafeInteger(next) : Number.isFinite(next)) && next >= least && next <= most;
      return isMeant ? null : say('This takes {0}, or nothing.', expected);
    },
    onRefused(reason) {
      message.hidden = reason === null;
      message.textContent = reason ?? '';
    },
    onChange(text) {
      const next = text.trim() === '' ? null : Number(text);
      if (next !== value) onChange(next);
    },
  });
  return element('span', { class: 'number-field' }, [field, message]);
}

function expectation({ least, most, isWhole }: Readonly<Required<Pick<NumberFieldOptions, 'least' | 'most' | 'isWhole'>>>): string {
  if (most < Infinity) return isWhole ? say('a whole number from {0} to {1}', least, grouped(most)) : say('a number from {0} to {1}', least, most);
  if (least > -Infinity) return isWhole ? say('a whole number of at least {0}', least) : say('a number of at least {0}', least);
  return isWhole ? say('a whole number') : say('a number');
}

/** A control with its name before it; one that is `rare` gives way where there is little room. */
export function field(name: string, control: HTMLElement, isRare = false): HTMLElement {
  const said = element('span', { class: 'muted', text: name, attributes: { 'aria-hidden': 'true' } });
  return element('span', { class: isRare ? 'field rare' : 'field' }, [said, control]);
}
