/** What a screen reader says of the mark in front of a sentence. */
import type { Severity } from '../../src/protocol/report';
import { say } from '../../src/protocol/words';

const words: Readonly<Record<Severity, string>> = { error: say('error'), warning: say('warning'), info: say('info') };

export const severityWord = (severity: Severity): string => words[severity];
