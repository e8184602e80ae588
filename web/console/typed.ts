/**
 * What somebody had written when their session ended by itself. A page goes with its session, and what was written there would go
 * too: it is kept in this page's memory, and shown to them alone after they have come in again.
 */
import { createContext } from 'react';

export type Written = Readonly<{ label: string; text: string }>;
export type Typed = Readonly<{
  /** Of what stands on the page now. */
  keep: (person: string) => void;
  /** Whoever else comes in takes it away, and sees nothing of it. */
  of: (person: string) => readonly Written[];
  drop: () => void;
}>;

export function createTyped(page: Document): Typed {
  // what was written by hand, and not what was fetched into a field
  const byHand = new WeakSet<Element>();
  let kept: Readonly<{ person: string; written: readonly Written[] }> | null = null;
  page.addEventListener('input', ({ target }) => {
    if (target instanceof HTMLTextAreaElement) byHand.add(target);
  });
  const drop = (): void => {
    kept = null;
  };
  return {
    keep: (person) => {
      const fields = [...page.querySelectorAll('textarea')].filter((each) => byHand.has(each) && each.value !== '');
      const written = fields.map((each) => ({ label: labelOf(each), text: each.value }));
      if (written.length > 0) kept = { person, written };
    },
    of: (person) => {
      if (kept?.person !== person) drop();
      return kept?.written ?? [];
    },
    drop,
  };
}

const labelOf = (field: HTMLTextAreaElement): string =>
  field.ariaLabel ?? field.labels[0]?.textContent.replace(/\s*\*$/, '') ?? '';

export const TypedContext = createContext<Typed | null>(null);
