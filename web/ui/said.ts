/** Which errors a page says by itself, so that what no part of it says can be said for all of it. */
import { createContext } from 'react';

export type Said = Readonly<{
  /** @returns to take it back */
  add: (error: unknown) => () => void;
  has: (error: unknown) => boolean;
  subscribe: (changed: () => void) => () => void;
}>;

export function createSaid(): Said {
  const [errors, heard] = [new Set<unknown>(), new Set<() => void>()];
  const tell = (): void => heard.forEach((changed) => changed());
  return {
    add: (error) => {
      errors.add(error);
      tell();
      return () => {
        errors.delete(error);
        tell();
      };
    },
    has: (error) => errors.has(error),
    subscribe: (changed) => {
      heard.add(changed);
      return () => heard.delete(changed);
    },
  };
}

export const SaidContext = createContext<Said | null>(null);
