import type { Palette } from '../../ui/theme';

/**
 * Black on white, for papers and slides, with the colours that those tell apart who see red and green alike (Okabe & Ito 2008, Color Universal Design); its
 * yellow, which is not read on white, is darkened.
 */
export const printPalette: Palette = {
  foreground: '#000000', muted: '#4d4d4d', grid: '#b3b3b3', focus: '#0072b2', background: '#ffffff', hoverBackground: '#ffffff', hoverBorder: '#000000',
  red: '#d55e00', green: '#009e73', blue: '#0072b2', orange: '#e69f00', yellow: '#8f7a00', purple: '#cc79a7',
  fontFamily: 'Helvetica, Arial, sans-serif', highContrast: false,
};
