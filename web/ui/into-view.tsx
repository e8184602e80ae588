/** Why something was not done, brought to where one looks: a dialog may be taller than the screen. The focus goes there too. */
import { useEffect, useRef, type ReactNode } from 'react';

/** @param of what went wrong: another one is brought there anew */
export function IntoView({ of, children }: { of: unknown; children: ReactNode }) {
  const why = useRef<HTMLDivElement>(null);
  useEffect(() => {
    why.current?.scrollIntoView({ block: 'nearest' });
    why.current?.focus({ preventScroll: true });
  }, [of]);
  return (
    <div ref={why} tabIndex={-1} style={{ outline: 'none' }}>
      {children}
    </div>
  );
}
