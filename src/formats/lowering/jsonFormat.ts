// What formats have in common whose model is one JSON text with its weights in it.

import type { Candidate, Format, ReadModel } from '../format';
import { JsonView } from '../json/view';
import { recordInText } from './record';

export interface TextFormat {
  /** Asked of the outermost object; throws nothing. */
  recognises(root: JsonView): boolean;
  read(root: JsonView): ReadModel;
}

export function jsonFormat(format: TextFormat): Format {
  return {
    recognises: (file) => {
      const root = rootOf(file);
      return root?.value.kind === 'object' && format.recognises(root);
    },
    read(file) {
      const root = rootOf(file);
      if (!root) throw new Error(`${file.source.name} was not recognised.`);
      return format.read(root);
    },
    // Lengths stand nowhere in a text.
    completed: (_, replacements) => replacements,
    relocated: () => [],
    recorded: recordInText,
  };
}

/** Null where the file is no JSON. */
function rootOf(file: Candidate): JsonView | null {
  const document = file.json();
  return document && JsonView.of(document);
}
