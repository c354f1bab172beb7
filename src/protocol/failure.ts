/** Every failure a user may meet, by stable code. */
export type FailureCode =
  | 'unreadable-file' | 'empty-file' | 'foreign-file' | 'broken-file' | 'unsafe-path' | 'missing-external-file'
  | 'unsupported' | 'read-only' | 'changed-on-disk' | 'write-failed' | 'busy' | 'wrong-usage' | 'invalid-input'
  | 'engine-crashed' | 'engine-unavailable' | 'out-of-memory' | 'run-failed' | 'cancelled';

/** An expected failure: one sentence that names what, where, what was found and what to do. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  /** For the log, never for the headline. */
  readonly detail: string;

  constructor(code: FailureCode, message: string, detail = '') {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure' && 'code' in error;
}

/** Marks a case the compiler has shown to be impossible. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value ${JSON.stringify(value)}.`);
}
