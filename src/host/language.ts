/** Speaks the language of VS Code. Imported before all that speaks: what modules hold in constants is said when they are loaded. */
import * as vscode from 'vscode';

import { speak, type Words } from '../protocol/words';

/** What VS Code has found for its language in `l10n/`: nothing for English. */
export const words: Words = vscode.l10n.bundle ?? {};

/** For the engine, which is a process of its own; none for English. */
export const wordsFile = vscode.l10n.uri?.fsPath;

speak(words);
