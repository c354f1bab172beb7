import * as vscode from 'vscode';

import { plainLines, plainText } from '../protocol/plainText';

const longest = 4000;

/** The output channel. What a model says about itself fills no line but its own. */
export interface Log {
  info(text: string): void;
  warn(text: string): void;
  /** With what else is known, such as where it was thrown. */
  error(error: unknown, detail?: string): void;
  show(): void;
}

export function createLog(): Log & { dispose(): void } {
  const channel = vscode.window.createOutputChannel('Initscope', { log: true });
  const line = (text: string): string => plainText(text, longest);
  return {
    info: (text) => channel.info(line(text)),
    warn: (text) => channel.warn(line(text)),
    error: (error, detail) => {
      const stack = error instanceof Error ? error.stack?.split('\n').filter((each) => /^\s+at /.test(each)).join('\n') : undefined;
      const more = plainLines([detail, stack].filter((part) => part !== undefined && part !== '').join('\n')).slice(0, longest);
      channel.error(line(error instanceof Error ? error.message : String(error)) + more.replace(/^(?=.)/gm, '    ').replace(/^(?=.)/, '\n'));
    },
    show: () => channel.show(),
    dispose: () => channel.dispose(),
  };
}
