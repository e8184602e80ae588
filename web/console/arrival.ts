/** What a browser does when it loads a page, and an application that stays in one has to do itself: WCAG 2.2, 2.4.2, 2.4.3. */
import { useEffect, useRef, type RefObject } from 'react';

/** Names the page in the window's title and, when one has gone to another, begins to read there. */
export function useArrival(path: string, title: string): RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const last = useRef(path);
  useEffect(() => {
    document.title = `${title} – Strongroom`;
    if (last.current === path) return;
    last.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path, title]);
  return main;
}
