import type { ControlTest, Finding, Run } from '../types.ts';

/** What every export is made of. Ids are made of `system.id`, so that the exports of one system fit together. */
export type Exported = Readonly<{
  system: Readonly<{ id: string; name: string; version: string }>;
  tests: readonly ControlTest[];
  runs: readonly Run[];
  findings: readonly Finding[];
  now: Date;
}>;

/** As all versions of OSCAL take a time: early ones want no fraction that ends in a zero. */
export const oscalTime = (at: Date): string => at.toISOString().replace(/\.?0+Z$/, 'Z');

/** One line without space around it, as OSCAL and SARIF want their strings; never empty. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim() || '-';
