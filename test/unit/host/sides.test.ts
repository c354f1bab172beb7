/** Which of two models in a diff is the left one, by what the tab is called, by what is a version of the other, or by which was opened first. */
import { describe, expect, it } from 'vitest';

import type { Candidate } from '../../../src/host/comparing/sides';
import { isLeft } from '../../../src/host/comparing/sides';

const model = (path: string, order: number, change: Partial<Candidate> = {}): Candidate => ({ scheme: 'file', path, query: '', order, ...change });
const version = (path: string, ref: string, order: number): Candidate => model(path, order, { scheme: 'git', query: JSON.stringify({ path, ref }) });

/** The same, whichever is asked about. */
function leftOf(label: string, one: Candidate, other: Candidate): Candidate {
  expect(isLeft(label, other, one)).toBe(!isLeft(label, one, other));
  return isLeft(label, one, other) ? one : other;
}

describe('the left one of two models', () => {
  const [a, b] = [model('/m/a.onnx', 1), model('/m/b.onnx', 0)];
  it('is the first that the tab names', () => {
    expect(leftOf('a.onnx ↔ b.onnx', a, b)).toBe(a);
    expect(leftOf('b.onnx ↔ a.onnx', a, b)).toBe(b);
  });
  it('is told from one whose name is a part of it', () => {
    const [long, short] = [model('/m/deep-a.onnx', 1), model('/m/a.onnx', 0)];
    expect(leftOf('deep-a.onnx ↔ a.onnx', long, short)).toBe(long);
    expect(leftOf('a.onnx ↔ deep-a.onnx', long, short)).toBe(short);
  });
  it('is the committed one of a file in the working tree, and the earlier one of what is staged', () => {
    const head = version('/m/a.onnx', 'HEAD', 5);
    expect(leftOf('a.onnx (Working Tree)', head, a)).toBe(head);
    expect(leftOf('a.onnx (Index)', version('/m/a.onnx', '', 1), head)).toBe(head);
    expect(leftOf('a.onnx (Working Tree)', version('/m/a.onnx', '~', 9), a)).toMatchObject({ scheme: 'git' });
  });
  it('is the commit that the tab names first', () => {
    const [old, young] = [version('/m/a.onnx', `0123abcd${'0'.repeat(32)}`, 1), version('/m/a.onnx', `fedcba98${'0'.repeat(32)}`, 0)];
    expect(leftOf('a.onnx (0123abcd) ↔ a.onnx (fedcba98)', old, young)).toBe(old);
  });
  it('is what is on the disk, where a document holds something else', () => {
    const disk = model('/m/a.onnx', 7, { scheme: 'initscope-disk' });
    expect(leftOf('a.onnx (on disk ↔ here)', disk, a)).toBe(disk);
  });
  it('is the one that was opened first, where nothing tells them apart', () => {
    const [first, second] = [model('/one/a.onnx', 3), model('/two/a.onnx', 4)];
    expect(leftOf('a.onnx ↔ a.onnx', first, second)).toBe(first);
    expect(leftOf('anything', first, second)).toBe(first);
  });
});
