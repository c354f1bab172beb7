/** The headings under which menus list the schemes, as users read them. */
import type { SchemeGroup } from './schemes';
import { say } from './words';

const titles: Readonly<Record<SchemeGroup, string>> = {
  'Current': say('Current'), 'Recommended': say('Recommended'), 'By the fans': say('By the fans'), 'Lecture notes': say('Lecture notes'),
  'By structure': say('By structure'), 'For one activation': say('For one activation'), 'Library defaults': say('Library defaults'),
  'Residual networks': say('Residual networks'), 'Scaling with size': say('Scaling with size'), 'Fixed numbers': say('Fixed numbers'),
};

export const groupTitle = (group: SchemeGroup): string => titles[group];
