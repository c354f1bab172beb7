import '@vscode/codicons/dist/codicon.css';
import '../ui/base.css';
import './panel.css';
import type { PanelEvents, PanelMethods } from '../../src/protocol/panel';
import { connectHost, type Host } from '../messaging/connection';
import { createPanel } from './panelView';

const app = document.getElementById('app');
if (!app) throw new Error('The page has no #app.');

const host: Host<PanelMethods> = connectHost<PanelMethods, PanelEvents>({
  show: (state) => panel.show(state),
  select: ({ layer }) => panel.select(layer),
  ran: ({ run, verdict, status }) => panel.ran(run, verdict, status),
});
const panel = createPanel(app, host);
void host.call('ready', {});
