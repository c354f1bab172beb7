/** Speaks the language that the host has put into the page. Imported before all that speaks: constants are said when their module is loaded. */
import { speak, wordsIn } from '../../src/protocol/words';

speak(wordsIn(JSON.parse(document.getElementById('words')?.textContent ?? '{}')));
