// Grey images beside each other on one canvas: filters of hidden units, samples and what is decoded of them.

import type { ShownPictures } from '../../../src/protocol/pretrainingView';
import { element } from '../../ui/element';

export interface PictureGrid {
  readonly root: HTMLElement;
  /** `pairs` keeps every second image beside the one before it. */
  show(pictures: ShownPictures | null, label: string): void;
}

/** Pixels of the page for one of an image, at most. */
const largestPixel = 4;
const largestSide = 36;
const gap = 2;

export function createPictureGrid(testid: string, title: string, isPairs: boolean): PictureGrid {
  const canvas = element('canvas', { role: 'img', testid });
  const root = element('figure', { class: 'picture-grid' }, [element('figcaption', { class: 'muted', text: title }), canvas]);
  let drawn: { readonly pictures: ShownPictures; readonly label: string } | null = null;

  function draw(): void {
    if (!drawn) return;
    const { pictures: { width, height, images }, label } = drawn;
    const zoom = Math.max(1, Math.min(largestPixel, Math.floor(largestSide / Math.max(width, height))));
    const [wide, high] = [width * zoom + gap, height * zoom + gap];
    const fitting = Math.max(1, Math.floor((root.clientWidth + gap) / wide));
    const columns = isPairs ? Math.max(2, fitting - (fitting % 2)) : fitting;
    canvas.width = Math.min(columns, images.length) * wide - gap;
    canvas.height = Math.ceil(images.length / columns) * high - gap;
    canvas.setAttribute('aria-label', label);
    const context = canvas.getContext('2d');
    if (!context) return;
    for (const [at, image] of images.entries()) {
      drawImage(context, image, { left: (at % columns) * wide, top: Math.floor(at / columns) * high, width, height, zoom });
    }
  }

  new ResizeObserver(draw).observe(root);
  return {
    root,
    show(pictures, label) {
      root.hidden = pictures === null || pictures.images.length === 0;
      drawn = pictures && { pictures, label };
      draw();
    },
  };
}

function drawImage(
  context: CanvasRenderingContext2D, image: string,
  { left, top, width, height, zoom }: Readonly<Record<'left' | 'top' | 'width' | 'height' | 'zoom', number>>,
): void {
  const bytes = atob(image);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const grey = bytes.charCodeAt(y * width + x);
      context.fillStyle = `rgb(${grey}, ${grey}, ${grey})`;
      context.fillRect(left + x * zoom, top + y * zoom, zoom, zoom);
    }
  }
}
