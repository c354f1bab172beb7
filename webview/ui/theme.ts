/** A canvas does not resolve CSS variables, so colours are read from the page and read again when the theme changes. */
export interface Palette {
  readonly foreground: string;
  readonly muted: string;
  readonly grid: string;
  readonly focus: string;
  readonly background: string;
  readonly hoverBackground: string;
  readonly hoverBorder: string;
  readonly red: string;
  readonly green: string;
  readonly blue: string;
  readonly orange: string;
  readonly yellow: string;
  readonly purple: string;
  readonly fontFamily: string;
  readonly highContrast: boolean;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const bodyStyle = getComputedStyle(document.body);
  const token = (...names: readonly string[]): string => {
    for (const name of names) {
      const value = style.getPropertyValue(`--vscode-${name}`).trim();
      if (value !== '') return value;
    }
    return bodyStyle.color;
  };
  return {
    foreground: token('charts-foreground', 'foreground'),
    muted: token('descriptionForeground', 'foreground'),
    grid: token('charts-lines', 'editorWidget-border'),
    focus: token('focusBorder'),
    background: token('panel-background', 'editor-background'),
    hoverBackground: token('editorHoverWidget-background', 'editorWidget-background'),
    hoverBorder: token('editorHoverWidget-border', 'editorWidget-border'),
    red: token('charts-red'),
    green: token('charts-green'),
    blue: token('charts-blue'),
    orange: token('charts-orange'),
    yellow: token('charts-yellow'),
    purple: token('charts-purple'),
    fontFamily: bodyStyle.fontFamily,
    highContrast: /\bvscode-high-contrast/.test(document.body.className),
  };
}

export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}

const normaliser = document.createElement('canvas').getContext('2d');

/** The same colour, at another opacity. */
export function fade(color: string, opacity: number): string {
  if (!normaliser) return color;
  normaliser.fillStyle = '#000';
  normaliser.fillStyle = color;
  const normal = normaliser.fillStyle;
  const hex = /^#(..)(..)(..)$/.exec(normal);
  if (hex) {
    const [red, green, blue] = hex.slice(1).map((pair) => parseInt(pair, 16));
    return `rgba(${red ?? 0}, ${green ?? 0}, ${blue ?? 0}, ${opacity})`;
  }
  return normal.replace(/,\s*([\d.]+)\)$/, (_, alpha: string) => `, ${Number(alpha) * opacity})`);
}
