// What every format of model files answers: whether a file is one of its, what network it holds, and what a change of its bytes entails.

import type { Graph, Model } from '../core/graph/graph';
import type { Tensor } from '../core/graph/tensor';
import { isFailure } from '../protocol/failure';
import type { Recipe } from '../protocol/recipe';
import type { Diagnostic } from '../protocol/report';
import type { ByteSource } from './files/byteSource';
import type { Replacement } from './files/replacement';
import type { JsonDocument } from './json/scan';
import { looksLikeJson, scanJson } from './json/scan';

/** A file that some format may know. */
export interface Candidate {
  readonly source: ByteSource;
  /** Its first bytes, each a character. */
  readonly head: string;
  /** The text that it is, if it is one in JSON: looked at once, whoever asks. Null for what is none, or breaks off. */
  json(): JsonDocument | null;
}

/** A network as its file has it: structure, places of weights, and initialisers that are only declared. */
export interface ReadModel {
  readonly model: Model;
  /** In the canonical operator set, weights in the layout they are stored in. */
  readonly graph: Graph;
  readonly findings: readonly Diagnostic[];
}

/** Changes of one file: bytes that others take the place of, and bytes behind the last. */
export interface FileChange {
  readonly replacements: readonly Replacement[];
  readonly append: Uint8Array | null;
  /** What of it could not be written, in a sentence. */
  readonly left?: string;
}

/** New initialisers of tensors that a file only declares, and why some of them cannot be declared, each as a clause. */
export interface Declared {
  readonly replacements: readonly Replacement[];
  readonly left: ReadonlyMap<string, string>;
}

export interface Format {
  /** Told from the bytes, never from the name; nothing is thrown. */
  recognises(file: Candidate): boolean;
  /** `separated`: ids of uses that were taken apart when the file was read before, and are again. Throws a Failure that says what is wrong. */
  read(file: Candidate, separated: ReadonlySet<string>): ReadModel;
  /**
   * The replacements, which are in order, with what else has to change where these bytes do, such as lengths and checksums around them, in order. The
   * source stays open until they are written.
   */
  completed(source: ByteSource, replacements: readonly Replacement[]): readonly Replacement[];
  /** Changes where the model file names other files, for a copy of it whose files have `moved`, but for what is `written` over as a whole. */
  relocated(
    source: ByteSource, model: Pick<Model, 'external'>, target: string, moved: ReadonlyMap<string, string>, written: readonly Replacement[],
  ): readonly Replacement[];
  /** Of a format that declares how tensors start: what says that `tensors`, all that there are, start by these recipes, by their ids. */
  declare?(source: ByteSource, tensors: readonly Tensor[], recipes: ReadonlyMap<string, Recipe>): Declared;
  /** Puts the record of recipes into the model file in place of the one that is there, or takes that out (null). */
  recorded(source: ByteSource, record: string | null): FileChange;
}

/** How many bytes at the beginning of a file formats are told from. */
const headBytes = 64;

export function candidate(source: ByteSource): Candidate {
  // Byte for byte: a TextDecoder takes latin1 for windows-1252.
  const head = Buffer.from(source.read(0, headBytes)).toString('latin1');
  let document: JsonDocument | null | undefined;
  return {
    source, head,
    json() {
      document ??= looksLikeJson(head) ? scanned(source) : null;
      return document;
    },
  };
}

function scanned(source: ByteSource): JsonDocument | null {
  try {
    return scanJson(source);
  } catch (error) {
    if (isFailure(error)) return null;
    throw error;
  }
}
