import '../ui/language';
import '@vscode/codicons/dist/codicon.css';
import '../ui/base.css';
import './inspector.css';
import './comparison.css';
import './folded.css';
import type { InspectorEvents, InspectorMethods } from '../../src/protocol/inspector';
import { connectHost, type Host } from '../messaging/connection';
import { createInspector } from './inspectorView';

const app = document.getElementById('app');
if (!app) throw new Error('The page has no #app.');

const host: Host<InspectorMethods> = connectHost<InspectorMethods, InspectorEvents>({
  show: (state) => inspector.show(state),
  more: (params) => inspector.more(params),
  measured: (arrived) => inspector.measured(arrived),
  changed: (change) => inspector.changed(change),
  compared: ({ comparison }) => inspector.compared(comparison),
  preview: ({ preview }) => inspector.preview(preview),
  reveal: ({ layer }) => inspector.reveal(layer),
  follow: ({ layer }) => inspector.follow(layer),
  highlight: ({ layer }) => inspector.highlight(layer),
});
const inspector = createInspector(app, host);
void host.call('ready', {});
