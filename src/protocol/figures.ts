// Figures to take away, as the panel hands them to the extension host.

export const figureFormats = ['svg', 'png', 'csv', 'json', 'html', 'md'] as const;
export type FigureFormat = (typeof figureFormats)[number];

export interface FigureMethods {
  /** Asks where, and writes it there. `content` is text, of a `png` in base64; `name` is what it shows, for the name of the file. */
  saveFigure(params: { readonly name: string; readonly format: FigureFormat; readonly content: string }): void;
  /** "the picture" is in the clipboard; or why it is not. */
  copied(params: { readonly what: string; readonly problem: string | null }): void;
}
