// A stack of dilated layers of a WaveNet, each of which adds to the signal and to the head (NeuralAmpModelerCore, wavenet/model.cpp).

import type { JsonView } from '../json/view';
import { activate } from './activations';
import type { Building } from './convolution';
import { convolution } from './convolution';

/** Places where the condition scales and shifts the signal, in the order of their weights. */
const filmNames = [
  'conv_pre_film', 'conv_post_film', 'input_mixin_pre_film', 'input_mixin_post_film', 'activation_pre_film', 'activation_post_film',
  'layer1x1_post_film', 'head1x1_post_film',
] as const;
type FilmName = (typeof filmNames)[number];

interface Film {
  readonly shift: boolean;
  readonly groups: number;
}

type Gating = 'none' | 'gated' | 'blended';

export interface ArrayShape {
  readonly inputSize: number;
  readonly conditionSize: number;
  readonly channels: number;
  readonly bottleneck: number;
  readonly head: { readonly size: number; readonly kernel: number; readonly dilation: number; readonly bias: boolean };
  readonly dilations: readonly number[];
  readonly kernels: readonly number[];
  readonly groupsInput: number;
  readonly groupsMixin: number;
  readonly layer1x1: { readonly groups: number } | null;
  readonly head1x1: { readonly groups: number; readonly outputs: number } | null;
  readonly films: ReadonlyMap<FilmName, Film>;
}

const wholeIn = (view: JsonView, key: string, otherwise: number): number => view.find(key)?.whole(1) ?? otherwise;

export function readArrayShape(view: JsonView): ArrayShape {
  const channels = view.get('channels').whole(1);
  const dilations = wholes(view.get('dilations'));
  const [layer1x1, head1x1] = [view.find('layer1x1'), view.find('head1x1')];
  return {
    inputSize: view.get('input_size').whole(1), conditionSize: view.get('condition_size').whole(1), channels, bottleneck: wholeIn(view, 'bottleneck', channels),
    head: readHead(view),
    dilations, kernels: readKernels(view, dilations.length), groupsInput: wholeIn(view, 'groups_input', 1), groupsMixin: wholeIn(view, 'groups_input_mixin', 1),
    layer1x1: layer1x1 === null ? { groups: 1 } : layer1x1.get('active').flag() ? { groups: layer1x1.get('groups').whole(1) } : null,
    head1x1: head1x1?.get('active').flag() === true ? { groups: head1x1.get('groups').whole(1), outputs: head1x1.get('out_channels').whole(1) } : null,
    films: new Map(filmNames.flatMap((name) => {
      const film = readFilm(view, name);
      return film ? [[name, film] as const] : [];
    })),
  };
}

function readHead(view: JsonView): ArrayShape['head'] {
  const head = view.find('head');
  if (!head) return { size: view.get('head_size').whole(1), kernel: 1, dilation: 1, bias: view.get('head_bias').flag() };
  const [size, kernel] = [head.get('out_channels').whole(1), head.get('kernel_size').whole(1)];
  return { size, kernel, dilation: wholeIn(head, 'head_dilation', 1), bias: head.get('bias').flag() };
}

function wholes(view: JsonView): readonly number[] {
  const list = view.list();
  if (list.length === 0 || list.some((each) => !Number.isSafeInteger(each) || each < 1)) throw view.wrong('a list of whole numbers from 1 on');
  return list;
}

function readKernels(view: JsonView, layers: number): readonly number[] {
  const each = view.find('kernel_sizes');
  if (!each) return Array.from({ length: layers }, () => view.get('kernel_size').whole(1));
  const list = wholes(each);
  if (list.length !== layers) throw each.wrong(`a list of ${layers} sizes, one for each dilation,`);
  return list;
}

function readFilm(view: JsonView, name: FilmName): Film | null {
  const given = view.find(name);
  if (given?.value.kind !== 'object' || given.find('active')?.flag() === false) return null;
  return { shift: given.find('shift')?.flag() ?? true, groups: wholeIn(given, 'groups', 1) };
}

/** What a layer has of a field that is one for all layers, or a list with one for each; null where there is none. */
function ofLayer(view: JsonView, key: string, layer: number, layers: number): JsonView | null {
  const field = view.find(key);
  if (field?.value.kind !== 'array') return field;
  const items = field.items();
  if (items.length !== layers) throw field.wrong(`a list of ${layers}, one for each dilation,`);
  const item = items[layer];
  return item === undefined || (item.value.kind === 'literal' && item.value.value === null) ? null : item;
}

function gatingOf(view: JsonView, layer: number, layers: number): Gating {
  const mode = ofLayer(view, 'gating_mode', layer, layers);
  if (!mode) return view.find('gated')?.flag() === true ? 'gated' : 'none';
  const name = mode.text();
  if (name !== 'none' && name !== 'gated' && name !== 'blended') throw mode.wrong('"none", "gated" or "blended"');
  return name;
}

/** What goes on to the next stack, and what the head has gathered. */
export interface Stacked {
  readonly signal: string;
  readonly head: string;
}

/** Takes the weights of a stack, and says what becomes of a signal in it, beside the condition and what the stacks before have gathered. */
export function layerArray(building: Building, shape: ArrayShape): (input: string, condition: string, gathered: string | null) => Stacked {
  const { network } = building;
  const { channels, inputSize, bottleneck, head, head1x1, dilations } = shape;
  const rechannel = convolution(building, 'rechannel', [inputSize, channels], { bias: false });
  const layers = dilations.map((_, i) => network.within(`layers.${i}`, () => layerOf(building, shape, i)));
  const headRechannel = convolution(building, 'head_rechannel', [head1x1?.outputs ?? bottleneck, head.size], head);
  return (input, condition, gathered) => {
    let signal = rechannel(input);
    let sum = gathered;
    for (const [i, layer] of layers.entries()) {
      const next = network.within(`layers.${i}`, () => layer(signal, condition));
      sum = sum === null ? next.head : network.add('Add', [sum, next.head]);
      ({ signal } = next);
    }
    return { signal, head: headRechannel(sum ?? signal) };
  };
}

/** A signal scaled and shifted by what a convolution makes of the condition; as it is where that is not there. */
type Modulate = (value: string, condition: string) => string;

function layerOf(building: Building, shape: ArrayShape, layer: number): (input: string, condition: string) => Stacked {
  const { network, config } = building;
  const { channels, bottleneck, conditionSize, layer1x1, head1x1, dilations, kernels } = shape;
  const gating = gatingOf(config, layer, dilations.length);
  const width = gating === 'none' ? bottleneck : 2 * bottleneck;
  const [kernel, dilation] = [kernels[layer] ?? 1, dilations[layer] ?? 1];
  const conv = convolution(building, 'conv', [channels, width], { kernel, dilation, groups: shape.groupsInput });
  const mixin = convolution(building, 'input_mixer', [conditionSize, width], { groups: shape.groupsMixin, bias: false });
  const onward = layer1x1 && convolution(building, 'layer1x1', [bottleneck, channels], layer1x1);
  const aside = head1x1 && convolution(building, 'head1x1', [bottleneck, head1x1.outputs], head1x1);
  if (!onward && bottleneck !== channels) throw network.refuse(config, `has no layer1x1 that makes its ${channels} channels of ${bottleneck}`);
  if (gating !== 'blended' && shape.films.has('layer1x1_post_film')) {
    network.note('layer1x1_post_film is left out where activations are not blended, as the player leaves it out; the trainer does not.');
  }
  const film = (name: FilmName, size: number): Modulate => modulation(building, name, shape, size);
  // In the order of their weights.
  const [convPre, convPost, mixinPre] = [film('conv_pre_film', channels), film('conv_post_film', width), film('input_mixin_pre_film', conditionSize)];
  const [mixinPost, before, behind] = [film('input_mixin_post_film', width), film('activation_pre_film', width), film('activation_post_film', bottleneck)];
  const [onwardPost, asidePost] = [film('layer1x1_post_film', channels), film('head1x1_post_film', head1x1?.outputs ?? bottleneck)];
  return (input, condition) => {
    const own = convPost(conv(convPre(input, condition)), condition);
    const mixed = mixinPost(mixin(mixinPre(condition, condition)), condition);
    const activated = activateLayer(building, before(network.add('Add', [own, mixed]), condition), { gating, layer, bottleneck, layers: dilations.length });
    const made = behind(activated, condition);
    const head = aside ? asidePost(aside(made), condition) : made;
    if (!onward) return { signal: input, head };
    const next = gating === 'blended' ? onwardPost(onward(made), condition) : onward(made);
    return { signal: network.add('Add', [input, next]), head };
  };
}

function modulation(building: Building, name: FilmName, { films, conditionSize }: ArrayShape, size: number): Modulate {
  const { network } = building;
  const film = films.get(name);
  if (!film) return (value) => value;
  const { shift, groups } = film;
  const make = convolution(building, name, [conditionSize, (shift ? 2 : 1) * size], { groups });
  return (value, condition) => {
    const made = make(condition);
    return network.within(name, () => {
      if (!shift) return network.add('Mul', [value, made]);
      const [scale = '', offset = ''] = network.addMany('Split', [made], 2, { axis: 1, num_outputs: 2 });
      return network.add('Add', [network.add('Mul', [value, scale]), offset]);
    });
  };
}

interface Activated {
  readonly gating: Gating;
  readonly layer: number;
  readonly layers: number;
  readonly bottleneck: number;
}

/** The activation of a layer; one half of the channels may gate the other, or blend it with what it was made of. */
function activateLayer({ network, config }: Building, value: string, { gating, layer, layers, bottleneck }: Activated): string {
  const primary = ofLayer(config, 'activation', layer, layers) ?? config.get('activation');
  if (gating === 'none') return activate(network, value, primary, bottleneck);
  const [top = '', bottom = ''] = network.addMany('Split', [value], 2, { axis: 1, num_outputs: 2 });
  const secondary = ofLayer(config, 'secondary_activation', layer, layers);
  const gate = secondary ? activate(network, bottom, secondary, bottleneck) : network.add('Sigmoid', [bottom]);
  const made = activate(network, top, primary, bottleneck);
  if (gating === 'gated') return network.add('Mul', [made, gate]);
  const rest = network.add('Mul', [network.add('Sub', [network.scalar(1), gate]), top]);
  return network.add('Add', [network.add('Mul', [gate, made]), rest]);
}
