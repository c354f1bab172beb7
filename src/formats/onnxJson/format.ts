// ONNX models in JSON, as protobuf maps its messages to it: what `onnx.save(…, 'net.json')` writes.

import { readProto } from '../onnx/read';
import { openProto } from '../onnx/format';
import { modelSchema } from '../onnx/schema';
import { movedPlaces } from '../onnx/relocate';
import type { Candidate, Format } from '../format';
import { JsonView } from '../json/view';
import { decodeJson, findField } from './decode';
import { renamedValue } from './objects';
import { recordInList } from './record';

export const onnxJsonFormat: Format = {
  recognises(file) {
    const root = rootOf(file);
    return root !== null && root.find('graph')?.value.kind === 'object' && ['irVersion', 'opsetImport'].some((name) => findField(root, name) !== null);
  },
  read(file, separated) {
    const { source } = file;
    const root = rootOf(file);
    if (!root) throw new Error(`${source.name} was not recognised.`);
    return openProto(source, readProto(source, decodeJson(root, modelSchema), 'onnx-json'), separated);
  },
  // Lengths stand nowhere in a text.
  completed: (_, replacements) => replacements,
  relocated: (source, model, target, moved, written) => (
    movedPlaces(model, target, moved, written).map(({ entry, location, owner }) => renamedValue(source, entry, location, owner))),
  recorded: recordInList,
};

/** Null where the file is no JSON. */
function rootOf(file: Candidate): JsonView | null {
  const document = file.json();
  return document && JsonView.of(document);
}
