/** Speaks the language that the host has put into the page. Imported before all that speaks: constants are said when their module is loaded. */
import { speak } from '../../src/protocol/words';

const found: unknown = JSON.parse(document.getElementById('words')?.textContent ?? '{}');
if (typeof found === 'object' && found !== null) {
  speak(Object.fromEntries(Object.entries(found).flatMap(([english, said]) => (typeof said === 'string' ? [[english, said]] : []))));
}
