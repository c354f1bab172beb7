import './language';

import { isMainThread } from 'node:worker_threads';

import { provideLearned } from '../core/initializers/learnedValues';
import { LearnedStore } from '../formats/tensors/learnedStore';
import type { EngineEvents, EngineMethods, SimulationRequest } from '../protocol/engine';
import type { Port } from '../protocol/rpc';
import { connect } from '../protocol/rpc';
import { pretrain } from './learning/pretrain';
import { Steering } from './learning/steering';
import { train } from './learning/train';
import { runtimeVersion } from './runtime';
import { simulate } from './running/simulate';
import { endWithParent, watchParent } from './watch';

/** Values that recipes of this request name as learned are in its folder. */
function useLearned({ learnedFolder }: Pick<SimulationRequest, 'learnedFolder'>): void {
  if (learnedFolder !== undefined) provideLearned(new LearnedStore(learnedFolder).read);
}

/** The engine process: answers the side that forked it, and ends when that side is gone. */
function serve(): void {
  const port: Port = {
    post: (message) => void process.send?.(message),
    listen: (listener) => {
      process.on('message', listener);
      return () => process.off('message', listener);
    },
  };
  const steering = new Steering();
  const peer = connect<EngineMethods, Record<string, never>, Record<string, never>, EngineEvents>(port, {
    simulate: (request, cancellation) => {
      useLearned(request);
      return simulate(request, {
        planned: (plan) => peer.send('planned', plan),
        ran: (progress) => peer.send('ran', progress),
      }, cancellation);
    },
    train: (request, cancellation) => {
      useLearned(request);
      steering.reset();
      return train(request, {
        trainingPlanned: (plan) => peer.send('trainingPlanned', plan),
        rateFound: (trial) => peer.send('rateFound', trial),
        stepped: (steps) => peer.send('stepped', steps),
        observed: (seen) => peer.send('observed', seen),
        trained: (run) => peer.send('trained', run),
      }, steering, cancellation);
    },
    steer: ({ to }) => steering.to(to),
    pretrain: (request, cancellation) => {
      useLearned(request);
      steering.reset();
      return pretrain(request, {
        pretrainingPlanned: (plan) => peer.send('pretrainingPlanned', plan),
        epochDone: (epoch) => peer.send('epochDone', epoch),
        machineDone: (machine) => peer.send('machineDone', machine),
      }, steering, cancellation);
    },
    probeRuntime: async () => ({ version: await runtimeVersion() }),
  }, {});
  // A terminal interrupts all of its processes: what becomes of the work is for the one that the user has started to say.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  watchParent(__filename);
}

if (isMainThread) serve();
else endWithParent();
