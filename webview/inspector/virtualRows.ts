/** Rows beyond the visible ones, so that fast scrolling does not show the ground. */
const overscan = 10;

export interface VirtualRows<T> {
  show(items: readonly T[]): void;
  /** Draws again what is visible of these, since what they show has changed; null is all. */
  redraw(changed: ReadonlySet<T> | null): void;
  scrollTo(index: number): void;
  /** Whole rows that fit. */
  readonly pageSize: number;
  /** The row at the top, and how much of it is above, whatever the height of rows. */
  position: number;
}

export interface VirtualRowsOptions<T> {
  readonly viewport: HTMLElement;
  readonly body: HTMLElement;
  /** Height of anything stuck to the top of the viewport. */
  readonly stickyHeight: () => number;
  readonly rowHeight: () => number;
  readonly render: (item: T, index: number) => HTMLElement;
  /** The row that stays in sight when the viewport becomes smaller. */
  readonly anchor: () => number | null;
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

  function render(item: T, index: number): HTMLElement {
    const row = options.render(item, index);
    row.style.top = `${index * height}px`;
    return row;
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
      const row = render(item, index);
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
    const next = options.rowHeight();
    // Rows of another height: the same ones stay in sight.
    const top = next === height ? null : (viewport.scrollTop / height) * next;
    height = next;
    body.style.height = `${items.length * height}px`;
    if (top !== null) viewport.scrollTop = top;
    clear();
    draw();
  }

  viewport.addEventListener('scroll', schedule, { passive: true });
  function isInSight(index: number, visible: number): boolean {
    return index * height >= viewport.scrollTop && (index + 1) * height <= viewport.scrollTop + visible;
  }

  function scrollTo(index: number): void {
    const top = index * height;
    const visible = visibleHeight();
    if (top < viewport.scrollTop) viewport.scrollTop = top;
    else if (top + height > viewport.scrollTop + visible) viewport.scrollTop = top + height - visible;
    draw();
  }

  function visibleHeight(): number {
    return viewport.clientHeight - options.stickyHeight();
  }

  let before = 0;
  new ResizeObserver(() => {
    const anchor = options.anchor();
    const keeps = anchor !== null && isInSight(anchor, before);
    before = visibleHeight();
    if (height === options.rowHeight()) schedule();
    else layout();
    if (keeps) scrollTo(anchor);
  }).observe(viewport);

  return {
    show(next) {
      items = next;
      layout();
    },
    redraw(changed) {
      for (const [index, row] of drawn) {
        const item = items[index];
        if (item === undefined || (changed && !changed.has(item))) continue;
        const next = render(item, index);
        drawn.set(index, next);
        row.replaceWith(next);
      }
    },
    scrollTo,
    get position() {
      return viewport.scrollTop / height;
    },
    set position(row: number) {
      viewport.scrollTop = row * height;
      draw();
    },
    get pageSize() {
      return Math.max(1, Math.floor(visibleHeight() / height) - 1);
    },
  };
}
