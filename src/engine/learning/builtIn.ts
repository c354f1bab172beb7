// Data that are made up: what each kind of network can be shown without a file.

import { elementCount } from '../../core/graph/dtype';
import { barsAndStripes, largestBarsSide } from '../../core/learning/data/barsAndStripes';
import { digits } from '../../core/learning/data/digits';
import type { LabelledImages } from '../../core/learning/data/images';
import { spirals } from '../../core/learning/data/spirals';
import { tokenSequences } from '../../core/learning/data/tokens';
import { Failure } from '../../protocol/failure';
import type { BuiltInData } from '../../protocol/training';
import { grouped, say } from '../../protocol/words';
import type { InputPlan } from '../feeding/inputs';
import { createInput } from '../feeding/inputs';
import type { TargetPlan } from './cost';
import type { ImageLayout } from '../feeding/layout';
import { imageLayout, laidOut } from '../feeding/layout';
import type { Rows, Samples } from '../feeding/samples';

export interface BuiltInRequest {
  readonly inputs: readonly InputPlan[];
  /** The output that is learned, its classes along an axis. */
  readonly target: TargetPlan;
  /** Whether it is to be what is fed. */
  readonly saysAgain: boolean;
  readonly batch: number;
  readonly count: number;
  readonly seed: number;
}

interface Made {
  readonly data: Float32Array | Int32Array;
  readonly labels: Int32Array | null;
  readonly count: number;
  readonly says: string;
}

/** Fewer pixels on a side tell no digits apart. */
const leastImage = 5;

export interface MadeImages extends Made {
  /** As they are fed. */
  readonly data: Float32Array;
}

/** What fits the inputs best: tokens where they are looked up, digits where there are images and classes, else what another network would say of noise. */
export function usualData(inputs: readonly InputPlan[], { classes, shape }: TargetPlan): BuiltInData {
  const [first, ...others] = inputs.filter(({ fill }) => fill.kind !== 'ones');
  if (!first || others.length > 0) return 'teacher';
  const [, ...own] = first.shape;
  if (first.fill.kind === 'index') return 'next-token';
  if (own.length === 1 && own[0] === 2 && classes <= 8) return 'spirals';
  const { height = 0, width = 0 } = imageLayout(own) ?? {};
  return Math.min(height, width) >= leastImage && classes >= 2 && shape.length === 2 ? 'digits' : 'teacher';
}

/** Of a teacher there are inputs alone: the network itself is to be asked for the targets. */
export function makeSamples(name: BuiltInData, request: BuiltInRequest): Samples {
  const { inputs, target, saysAgain, batch, count, seed } = request;
  const rowsOf = (input: InputPlan, samples: number): Rows => madeUp(input, samples, batch, seed);
  if (name === 'teacher') {
    const rows = new Map(inputs.map((input) => [input.name, rowsOf(input, count)]));
    const description = say('{0} samples that a teacher of the same architecture names', grouped(count));
    return { count, inputs: rows, targets: new Map(), description, notes: [] };
  }
  const [main, ...others] = inputs.filter(({ fill }) => (name === 'next-token' ? fill.kind === 'index' : fill.kind === 'normal' || fill.kind === 'data'));
  if (!main || others.length > 0) {
    const takes = inputs.map((input) => input.description).join(', ');
    throw new Failure('wrong-usage', name === 'next-token'
      ? say('Sequences of tokens are for networks with one input of tokens that are looked up; this one takes {0}. '
        + 'Use the teacher, or give data of your own.', takes)
      : say('{0} are for networks with one input of numbers; this one takes {1}. Use the teacher, or give data of your own.', titles[name], takes));
  }
  const made = makers[name](main, saysAgain ? { ...request, target: { ...target, fed: 'labels' } } : request);
  const [, ...own] = main.shape;
  const data = made.data instanceof Float32Array ? made.data : main.dtype === 'int64' ? BigInt64Array.from(made.data, BigInt) : made.data;
  const dtype = data instanceof Float32Array ? 'float32' : data instanceof BigInt64Array ? 'int64' : 'int32';
  const rows = new Map(inputs.map((input) => [input.name, input === main ? { dtype, shape: own, data, isShared: false } as const : rowsOf(input, made.count)]));
  if (saysAgain && data instanceof Float32Array) {
    const again: Rows = { dtype: 'float32', shape: [elementCount(own)], data, isShared: false };
    return { count: made.count, inputs: rows, targets: new Map([[target.output, again]]), description: say('{0}, to be said again', made.says), notes: [] };
  }
  return {
    count: made.count, inputs: rows, targets: made.labels ? new Map([[target.output, labelRows(made.labels, made.count, target)]]) : new Map(),
    description: made.says, notes: [],
  };
}

const titles: Readonly<Record<Exclude<BuiltInData, 'teacher' | 'next-token'>, string>> = {
  'spirals': say('Spirals'), 'bars-and-stripes': say('Bars and stripes'), 'digits': say('Digits'),
};

/** An input as it is made up for simulations, for so many samples; what does not begin with the batch is the same for all. */
function madeUp(input: InputPlan, count: number, batch: number, seed: number): Rows {
  const isShared = input.shape[0] !== batch;
  const [, ...own] = input.shape;
  const { dtype, data } = createInput(isShared ? input : { ...input, shape: [count, ...own] }, { seed, sample: 0 });
  return { dtype, shape: isShared ? input.shape : own, data, isShared };
}

/** Labels as they are fed: by number; of a single unit 0 and 1. */
export function labelRows(labels: ArrayLike<number>, count: number, { classes, fed }: Pick<TargetPlan, 'classes' | 'fed'>): Rows {
  const shape = labels.length === count ? [] : [labels.length / count];
  if (fed === 'labels') return { dtype: 'int64', shape, data: BigInt64Array.from(labels, BigInt), isShared: false };
  return { dtype: 'float32', shape: classes === 1 ? [1] : shape, data: Float32Array.from(labels), isShared: false };
}

type Maker = (input: InputPlan, request: BuiltInRequest) => Made;

const makers: Readonly<Record<Exclude<BuiltInData, 'teacher'>, Maker>> = {
  'spirals': ({ shape: [, ...own] }, { count, seed, target }) => {
    const arms = target.classes === 1 ? 2 : Math.min(target.classes, 8);
    const { data, labels } = spirals({ count, seed, width: elementCount(own), arms });
    return { data, labels, count, says: say('{0} points of {1} spirals', grouped(count), arms) };
  },
  'bars-and-stripes': (input, { target }) => {
    refuseOneClass(target, titles['bars-and-stripes']);
    return allBars(input);
  },
  'digits': (input, { count, seed, target }) => {
    refuseOneClass(target, titles.digits);
    return someDigits(input, count, seed, target.classes === 1 ? 2 : Math.min(10, target.classes));
  },
  'next-token': ({ shape: [, ...own], fill }, { count, seed, target: { fedShape, classes } }) => {
    const vocabulary = fill.kind === 'index' ? fill.below : 2;
    const length = elementCount(own);
    const isPerToken = elementCount(fedShape.slice(1)) === length && length > 1;
    const known = Math.min(vocabulary, isPerToken ? classes : vocabulary);
    const { tokens, next, labels } = tokenSequences({
      count, seed, length, vocabulary: known, sources: isPerToken ? 1 : Math.max(2, Math.min(classes, 8)),
    });
    const says = isPerToken ? say('{0} sequences of {1} tokens, whose next tokens are to be named', grouped(count), length)
      : say('{0} sequences of {1} tokens, whose source is to be named', grouped(count), length);
    return { data: tokens, labels: isPerToken ? next : labels, count, says };
  },
};

/** What takes images: the shape of its samples, behind the batch, and what it is called. */
type ImageInput = Pick<InputPlan, 'shape' | 'description'>;

export function allBars(input: ImageInput): MadeImages {
  const layout = layoutOf(input, titles['bars-and-stripes']);
  const side = Math.min(largestBarsSide, layout.height, layout.width);
  const images = barsAndStripes(side);
  return { ...drawn(images, layout, input), says: say('all {0} bars and stripes of {1} × {1}', grouped(images.count), side) };
}

/** Of the first so many digits. */
export function someDigits(input: ImageInput, count: number, seed: number, classes: number): MadeImages {
  const layout = layoutOf(input, titles.digits);
  const side = Math.max(8, Math.min(layout.height, layout.width, largestDigits));
  // Every tenth image is of the same digit: of fewer classes the others are left out.
  const images = digits({ count: Math.ceil((count * 10) / classes), seed, side });
  return { ...drawn(firstClasses(images, classes, count), layout, input), says: say('{0} digits of {1} × {1}', grouped(count), side) };
}

/** Strokes are seen well at that size; larger images are made of the same pixels. */
const largestDigits = 28;

function layoutOf({ shape: [, ...own], description }: ImageInput, what: string): ImageLayout {
  const layout = imageLayout(own);
  if (layout && Math.min(layout.height, layout.width) >= 2) return layout;
  throw new Failure('wrong-usage', say('{0} are images, and {1} takes none. Use the teacher, or give data of your own.', what, description));
}

function refuseOneClass({ fed, classes, output }: TargetPlan, what: string): void {
  if (fed === 'labels' || classes === 1) return;
  throw new Failure('wrong-usage', say('{0} have labels, and {1} is compared element by element. Use cross-entropy, or the teacher.', what, output));
}

function firstClasses({ data, labels, count: all, side }: LabelledImages, classes: number, count: number): LabelledImages {
  const kept = Array.from({ length: all }, (_, i) => i).filter((i) => (labels[i] ?? 0) < classes).slice(0, count);
  const size = side * side;
  const out = new Float32Array(kept.length * size);
  kept.forEach((i, at) => { out.set(data.subarray(i * size, (i + 1) * size), at * size); });
  return { data: out, labels: Int32Array.from(kept, (i) => labels[i] ?? 0), count: kept.length, side };
}

/** Images as an input has them, by their nearest pixels, alike in every channel. */
function drawn({ data, labels, count, side }: LabelledImages, layout: ImageLayout, { shape: [, ...own] }: ImageInput): Omit<MadeImages, 'says'> {
  const { channels, height, width } = layout;
  const out = new Float32Array(count * channels * height * width);
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < channels; k++) {
      for (let y = 0; y < height; y++) {
        const row = (i * side + Math.floor((y * side) / height)) * side;
        for (let x = 0; x < width; x++) out[at++] = data[row + Math.floor((x * side) / width)] ?? 0;
      }
    }
  }
  return { data: laidOut(out, count, layout, own), labels, count };
}
