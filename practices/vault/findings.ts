/**
 * What the gate finds in what is to be stored is told once that is settled: a transaction that collided and is run again asks anew
 * what subjects said, and another version of the catalogue checks all of it anew; what was found before counts for nothing.
 */
import { underCatalog } from './catalog-change.ts';
import type { Core } from './core.ts';

type Tell = () => void;
export type Later = (tell: Tell) => void;
export type Findings = Readonly<{
  /** In values. */
  values: Later;
  /** In what subjects said: asked for at the beginning of each transaction, which forgets what the one before it found. */
  consents: () => Later;
}>;

/** For what is checked and not stored. */
export const AT_ONCE: Findings = { values: (tell) => tell(), consents: () => (tell) => tell() };

/** Also what made the work fail is told. @param work as for `underCatalog` */
export async function storing<T>(core: Core, work: (findings: Findings) => Promise<T>): Promise<T> {
  let values: Tell[] = [];
  let consents: Tell[] = [];
  const findings: Findings = {
    values: (tell) => void values.push(tell),
    consents: () => {
      const found: Tell[] = (consents = []);
      return (tell) => void found.push(tell);
    },
  };
  try {
    return await underCatalog(core, () => {
      [values, consents] = [[], []];
      return work(findings);
    });
  } finally {
    for (const tell of [...values, ...consents]) tell();
  }
}
