/**
 * Something that may be wider than a phone: it scrolls by itself, by keyboard too (WCAG 2.2, 2.1.1), and an edge shows
 * where more of it is. A table that `stacks` is a list of its rows there instead, each cell under its column's name.
 */
import { Table } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';

type WideProps = Readonly<{ label: string; minWidth: number; stacks?: boolean; children: ReactNode }>;

export function Wide({ label, minWidth, stacks = false, children }: WideProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null) return undefined;
    const [ends, names] = [endsOf(box.current), stacks ? namesOf(box.current) : undefined];
    return () => {
      ends();
      names?.();
    };
  }, [stacks]);
  return (
    <Table.ScrollContainer ref={box} type="native" minWidth={minWidth} tabIndex={0} role="region" aria-label={label} className={stacks ? 'wide stacks' : 'wide'}>
      {children}
    </Table.ScrollContainer>
  );
} // prettier-ignore

/** Marks at which side more is hidden, for as long as it is watched. */
function endsOf(box: HTMLElement): () => void {
  const look = (): void => {
    // right to left, it is counted below nothing
    const [at, most] = [Math.abs(box.scrollLeft), box.scrollWidth - box.clientWidth];
    box.toggleAttribute('data-more-before', at > 1);
    box.toggleAttribute('data-more-after', at < most - 1);
  };
  const sizes = new ResizeObserver(look);
  for (const each of [box, ...box.children]) sizes.observe(each);
  box.addEventListener('scroll', look, { passive: true });
  return () => {
    sizes.disconnect();
    box.removeEventListener('scroll', look);
  };
}

/** Gives each cell the name of its column, also to rows that come later. */
function namesOf(box: HTMLElement): () => void {
  const name = (): void => {
    const heads = [...box.querySelectorAll('thead th, thead td')].map((head) => head.textContent);
    for (const { cells } of box.querySelectorAll('tr'))
      [...cells].reduce((at, cell) => {
        cell.dataset.column = heads[at] ?? '';
        return at + cell.colSpan;
      }, 0);
  };
  name();
  const rows = new MutationObserver(name);
  rows.observe(box, { childList: true, subtree: true });
  return () => rows.disconnect();
}
