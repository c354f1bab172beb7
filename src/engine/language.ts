/** Speaks the language of the window that started this process; English for the command line. Imported before all that speaks. */
import { readFileSync } from 'node:fs';

import { speak, wordsIn } from '../protocol/words';

const { INITSCOPE_WORDS: file } = process.env;
if (file !== undefined) speak(wordsIn(JSON.parse(readFileSync(file, 'utf8'))));
