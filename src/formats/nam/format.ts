// Neural Amp Modeler's .nam files, versions 0.5 to 0.7: a configuration, and all weights in one list.

import type { JsonView } from '../json/view';
import { jsonFormat } from '../lowering/jsonFormat';
import { TextNetwork } from '../lowering/textNetwork';
import { lowerConvnet, lowerLinear } from './convnet';
import { lowerLstm } from './lstm';
import { lowerWavenet } from './wavenet';
import { WeightList } from './weights';

const container = 'SlimmableContainer';
const architectures = ['Linear', 'ConvNet', 'LSTM', 'WaveNet', container];

export const namFormat = jsonFormat({
  recognises: (root) => ['architecture', 'config', 'weights'].every((key) => root.find(key) !== null) && root.find('architecture')?.value.kind === 'string',
  read(root) {
    const network = new TextNetwork(root, 'float32');
    const input = network.input('audio', ['batch', channelsOf(firstOf(root)), 'samples']);
    for (const { name, model } of networksIn(root)) {
      network.output(name === '' ? 'output' : `output.${name}`, network.within(name, () => lowerModel(network, model, input)));
    }
    const version = root.find('version');
    return network.finish('nam', version ? `Neural Amp Modeler ${version.text()}` : 'Neural Amp Modeler');
  },
});

const channelsOf = (model: JsonView): number => model.get('config').find('in_channels')?.whole(1) ?? 1;
const firstOf = (root: JsonView): JsonView => networksIn(root)[0]?.model ?? root;

/** A container holds several, of which a player runs one, as fast as it has to be; all of them are there to be initialised. */
function networksIn(model: JsonView, name = ''): readonly { readonly name: string; readonly model: JsonView }[] {
  if (model.get('architecture').text() !== container) return [{ name, model }];
  const submodels = model.get('config').get('submodels');
  const found = submodels.items().flatMap((each, i) => networksIn(each.get('model'), `${name === '' ? '' : `${name}.`}submodels.${i}`));
  if (found.length === 0) throw submodels.wrong('a list with at least one network');
  return found;
}

function lowerModel(network: TextNetwork, model: JsonView, input: string): string {
  const [architecture, config, channels] = [model.get('architecture'), model.get('config'), channelsOf(model)];
  const weights = new WeightList(network, model.get('weights'));
  const building = { network, weights, config };
  const lower = (): string => {
    switch (architecture.text()) {
      case 'Linear': return lowerLinear(building, input, channels);
      case 'ConvNet': return lowerConvnet(building, input, channels);
      case 'LSTM': return lowerLstm(building, input, channels);
      case 'WaveNet': {
        const condition = config.find('condition_dsp');
        return lowerWavenet(building, input, condition && network.within('condition_dsp', () => lowerModel(network, condition, input)));
      }
      default: throw architecture.wrong(`one of ${architectures.join(', ')}`);
    }
  };
  const output = lower();
  weights.finish();
  return output;
}
