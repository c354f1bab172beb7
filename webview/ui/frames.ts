// Drawing once per frame, however often it is asked for.

export function oncePerFrame(draw: () => void): () => void {
  let drawing = 0;
  return () => {
    drawing ||= requestAnimationFrame(() => {
      drawing = 0;
      draw();
    });
  };
}
