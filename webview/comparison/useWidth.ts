import { useLayoutEffect, useState } from 'preact/hooks';

/** The inner width of an element that comes and goes, in CSS pixels; 0 while there is none. Give it the second as its `ref`. */
export function useWidth(): [width: number, ref: (element: HTMLElement | null) => void] {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!element) return;
    const measure = () => setWidth(element.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return [width, setElement];
}
