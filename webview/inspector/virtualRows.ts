/** Rows beyond the visible ones, so that fast scrolling does not show the ground. */
const overscan = 10;

export interface VirtualRows<T> {
  show(items: readonly T[]): void;
  /** Draws what is visible again, since what it shows has changed. */
  redraw(): void;
  scrollTo(index: number): void;
  /** Whole rows that fit. */
  readonly pageSize: number;
}

export interface VirtualRowsOptions<T> {
  readonly viewport: HTMLElement;
  readonly body: HTMLElement;
  /** Height of anything stuck to the top of the viewport. */
  readonly stickyHeight: () => number;
  readonly rowHeight: () => number;
  readonly render: (item: T, index: number) => HTMLElement;
}

/** Keeps in the document only the rows that can be seen. All rows have one height. */
export function createVirtualRows<T>(options: VirtualRowsOptions<T>): VirtualRows<T> {
  const { viewport, body } = options;
  const drawn = new Map<number, HTMLElement>();
  let items: readonly T[] = [];
  let height = options.rowHeight();
  let scheduled = false;

  function clear(): void {
    for (const row of drawn.values()) row.remove();
    drawn.clear();
  }

  function draw(): void {
    scheduled = false;
    const first = Math.max(0, Math.floor(viewport.scrollTop / height) - overscan);
    const last = Math.min(items.length, Math.ceil((viewport.scrollTop + viewport.clientHeight) / height) + overscan);
    for (const [index, row] of drawn) {
      if (index >= first && index < last) continue;
      row.remove();
      drawn.delete(index);
    }
    const arrivals = document.createDocumentFragment();
    for (let index = first; index < last; index += 1) {
      const item = items[index];
      if (item === undefined || drawn.has(index)) continue;
      const row = options.render(item, index);
      row.style.top = `${index * height}px`;
      drawn.set(index, row);
      arrivals.append(row);
    }
    body.append(arrivals);
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(draw);
  }

  function layout(): void {
    height = options.rowHeight();
    body.style.height = `${items.length * height}px`;
    clear();
    draw();
  }

  viewport.addEventListener('scroll', schedule, { passive: true });
  new ResizeObserver(() => {
    if (height === options.rowHeight()) schedule();
    else layout();
  }).observe(viewport);

  return {
    show(next) {
      items = next;
      layout();
    },
    redraw() {
      clear();
      draw();
    },
    scrollTo(index) {
      const top = index * height;
      const visible = viewport.clientHeight - options.stickyHeight();
      if (top < viewport.scrollTop) viewport.scrollTop = top;
      else if (top + height > viewport.scrollTop + visible) viewport.scrollTop = top + height - visible;
      draw();
    },
    get pageSize() {
      return Math.max(1, Math.floor((viewport.clientHeight - options.stickyHeight()) / height) - 1);
    },
  };
}
