import type { AttributeLiteral } from '../../../src/core/graph/builder';
import { float } from '../../../src/core/graph/builder';
import { ints, noise, sample, stored } from './sample';
import type { Fill, Sample } from './sample';

type Numbers = readonly number[];
type Attributes = Readonly<Record<string, AttributeLiteral>>;
const floats = (values: Numbers): Fill => stored([values.length], values);

const byScales = (name: string, shape: Numbers, scales: Numbers, attributes: Attributes): Sample => (
  sample('Resize', name, { X: noise(shape), roi: null, scales: floats(scales) }, attributes));
const bySizes = (name: string, shape: Numbers, sizes: Numbers, attributes: Attributes): Sample => (
  sample('Resize', name, { X: noise(shape), roi: null, scales: null, sizes: ints(sizes) }, attributes));

const floor = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
const crop = { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' };

function blocks(name: string, input: Numbers, image: Numbers, block: Numbers, attributes: Attributes = {}): Sample {
  return sample('Col2Im', name, { input: noise(input), image_shape: ints(image), block_shape: ints(block) }, attributes);
}

export const resampling: readonly Sample[] = [
  byScales('nearest, doubled', [2, 2, 2, 3], [1, 1, 2, 2], floor),
  byScales('nearest, default rounding', [1, 2, 3, 3], [1, 1, 2, 3], { mode: 'nearest' }),
  byScales('nearest, fraction', [1, 2, 5, 4], [1, 1, 1.7, 0.6], floor),
  byScales('nearest, ceil', [1, 1, 4, 3], [1, 1, 1.5, 2], { ...floor, nearest_mode: 'ceil' }),
  byScales('nearest, a scale keeps the length', [1, 1, 7, 3], [1, 1, 1.1, 2], floor),
  bySizes('nearest, halved', [2, 1, 4, 6], [2, 1, 2, 3], floor),
  byScales('nearest, 1-D', [2, 3, 4], [1, 1, 2], floor),
  byScales('nearest, 3-D', [1, 2, 2, 2, 3], [1, 1, 2, 2, 2], floor),
  byScales('linear, half pixel', [2, 2, 3, 4], [1, 1, 2, 2], { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }),
  bySizes('linear, align corners', [1, 2, 3, 4], [1, 2, 5, 7], { mode: 'linear', coordinate_transformation_mode: 'align_corners' }),
  byScales('linear, PyTorch half pixel, smaller', [1, 2, 5, 6], [1, 1, 0.5, 0.7], { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' }),
  byScales('linear, asymmetric', [1, 1, 3, 4], [1, 1, 2, 1.5], { mode: 'linear', coordinate_transformation_mode: 'asymmetric' }),
  byScales('linear, symmetric half pixel', [1, 1, 5, 3], [1, 1, 1.3, 2.5], { mode: 'linear', coordinate_transformation_mode: 'half_pixel_symmetric' }),
  byScales('linear, 1-D', [2, 2, 4], [1, 1, 2], { mode: 'linear' }),
  bySizes('linear, named axes', [1, 2, 3, 4], [5, 6], { mode: 'linear', axes: [3, -2] }),
  byScales('linear, antialias', [1, 2, 6, 5], [1, 1, 0.5, 0.6], { mode: 'linear', antialias: 1 }),
  sample('Resize', 'linear, cropped', { X: noise([1, 2, 4, 5]), roi: floats([0, 0, 0.25, 0.125, 1, 1, 0.875, 0.75]), scales: floats([1, 1, 1.5, 0.8]) }, crop),
  sample('Resize', 'linear, cropped beyond the border', {
    X: noise([1, 1, 4, 4]), roi: floats([0, 0, 0.25, 0.5, 1, 1, 1.5, 1.25]), scales: null, sizes: ints([1, 1, 3, 5]),
  }, { ...crop, extrapolation_value: float(2) }),
  byScales('cubic', [1, 2, 4, 5], [1, 1, 2, 1.5], { mode: 'cubic', coordinate_transformation_mode: 'half_pixel' }),
  bySizes('cubic, align corners', [1, 1, 4, 5], [1, 1, 7, 3], { mode: 'cubic', coordinate_transformation_mode: 'align_corners', cubic_coeff_a: float(-0.5) }),
  byScales('cubic, excluding the outside', [1, 1, 4, 4], [1, 1, 2, 0.8], { mode: 'cubic', exclude_outside: 1, cubic_coeff_a: float(-0.5) }),
  blocks('overlapping', [2, 8, 6], [3, 4], [2, 2]),
  blocks('strides and pads', [1, 12, 4], [4, 5], [2, 3], { strides: [2, 2], pads: [0, 1, 1, 0] }),
  blocks('dilations', [2, 4, 6], [4, 5], [2, 2], { dilations: [2, 2] }),
  blocks('1-D', [1, 6, 5], [7], [3]),
];
