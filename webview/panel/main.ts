import '../ui/language';
import '@vscode/codicons/dist/codicon.css';
import '../ui/base.css';
import './panel.css';
import './graph/graph.css';
import './training/training.css';
import { panelPages, type PanelEvents, type PanelMethods } from '../../src/protocol/panel';
import { say } from '../../src/protocol/words';
import { connectHost, recall, remember, type Host } from '../messaging/connection';
import { element } from '../ui/element';
import { createLectureNote } from './lectureNote';
import { createPanel } from './panelView';
import { createTabs } from './tabs';
import { createPretrainingPage } from './pretraining/pretrainingPage';
import { createTrainingPage } from './training/trainingPage';

const app = document.getElementById('app');
if (!app) throw new Error('The page has no #app.');

const host: Host<PanelMethods> = connectHost<PanelMethods, PanelEvents>({
  show(state) {
    tabs.offer(state.kind === 'model');
    lecture.show(state);
    panel.show(state);
  },
  select: ({ layer }) => panel.select(layer),
  turnTo: ({ page }) => tabs.turnTo(page),
  ran: ({ run, verdict, status }) => panel.ran(run, verdict, status),
  showTraining: (view) => training.show(view),
  grew: (growth) => training.grew(growth),
  showPretraining: (view) => pretraining.show(view),
});
const lecture = createLectureNote(() => {
  void host.call('closeLecture', {});
  tabs.focus();
});
const [signalPage, trainingPage, pretrainingPage] = [element('div', { class: 'page' }), element('div', { class: 'page' }), element('div', { class: 'page' })];
const stored = recall({ page: 'signal' });
const tabs = createTabs([
  { id: 'signal', title: say('Signal'), tip: say('Where the signal and its gradient go, layer by layer'), page: signalPage },
  { id: 'training', title: say('First Steps'), tip: say('What the first steps of training make of each start'), page: trainingPage },
  { id: 'pretraining', title: say('Pre-training'), tip: say('Weights from restricted Boltzmann machines, layer by layer'), page: pretrainingPage },
], panelPages.find((known) => known === stored.page) ?? 'signal', (page) => remember({ page }));
app.append(tabs.root, lecture.root, signalPage, trainingPage, pretrainingPage);
const panel = createPanel(signalPage, host);
const training = createTrainingPage(trainingPage, host);
const pretraining = createPretrainingPage(pretrainingPage, host);
void host.call('ready', {});
