// Keys that the inspector has wherever the focus is: to the filter, and from one difference to the next.

export interface Keys {
  /** Whether there is anything to filter, or to step through. */
  readonly canFind: () => boolean;
  readonly canStep: () => boolean;
  readonly onFind: () => void;
  readonly onStep: (by: 1 | -1) => void;
}

export function listenToKeys({ canFind, canStep, onFind, onStep }: Keys): void {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'F7' && canStep()) {
      onStep(event.shiftKey ? -1 : 1);
      event.preventDefault();
      return;
    }
    const isTyping = event.target instanceof HTMLElement && event.target.closest('initscope-text-field, input') !== null;
    const isFind = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'f';
    const isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping;
    if (!canFind() || !(isFind || isSlash)) return;
    event.preventDefault();
    onFind();
  });
}
