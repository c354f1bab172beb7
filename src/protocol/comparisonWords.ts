/** What differs between two models, as users read it: the facts themselves stay English in JSON. */
import type { Aspect, LayerFact, NetworkFact, WeightFact } from './comparison';
import { say } from './words';

const facts: Readonly<Record<NetworkFact | LayerFact | WeightFact, string>> = {
  'format': say('format'), 'producer': say('producer'), 'opset': 'opset', 'parameters': say('parameters'), 'inputs': say('inputs'),
  'outputs': say('outputs'), 'verdict': say('verdict'),
  'operator': say('operator'), 'attributes': say('attributes'), 'normalization': say('normalization'), 'activation': say('activation'),
  'residual': say('ends a residual branch'),
  'shape': say('shape'), 'type': say('type'), 'fan in': 'fan_in', 'fan out': 'fan_out', 'left alone': say('left alone'), 'mean': say('mean'),
  'std': say('std σ'), 'min': say('min'), 'max': say('max'), 'zeros': say('zeros'), 'non-finite': say('NaN, ∞'), 'order': say('order of elements'),
  'looks like': say('looks like'), 'should be': say('should be'), 'drawn by': say('drawn by'),
};

const aspects: Readonly<Record<Aspect, string>> = {
  operator: say('operator'), attributes: say('attributes'), then: say('what follows'), weights: say('weights that one side has alone'),
  shape: say('shape'), fans: 'fan_in, fan_out', type: say('type'), values: say('values'), recipe: say('how it was drawn'), frozen: say('left alone'),
};

export const factWord = (fact: NetworkFact | LayerFact | WeightFact): string => facts[fact];

export const aspectWord = (aspect: Aspect): string => aspects[aspect];
