/** Exceptions have a date, VEX statements a version: what is past its own is a fault, so that nothing is settled for ever. */
import { componentOf, type Component } from './component.ts';
import type { VexStatement } from './vex.ts';

export type AdvisoryException = Readonly<{
  /** Any name of the advisory. */
  id: string;
  /** With the version it is about. */
  purl: string;
  until: Date;
  reason: string;
}>;

type Found = Readonly<{ ids: readonly string[]; component: Component }>;
type Standing = Readonly<{
  found: readonly Found[];
  components: readonly Component[];
  vex: readonly VexStatement[];
  exceptions: readonly AdvisoryException[];
  now: Date;
}>;

/** An exception may not be for longer than this, from now on. */
const LONGEST_DAYS = 180;
const DAY_MS = 86_400_000;

/** @returns one sentence for each that is stale, or never was right */
export function staleness({ found, components, vex, exceptions, now }: Standing): readonly string[] {
  const isFound = (purl: string, ids: readonly string[]): boolean =>
    found.some((each) => each.component.purl === purl && ids.some((id) => each.ids.includes(id)));
  return [
    ...exceptions.flatMap(({ id, purl, until, reason }) => {
      const about = `the exception of ${id} for ${purl}`;
      if (reason.trim() === '') return [`${about} gives no reason`];
      if (until <= now) return [`${about} ended on ${dayOf(until)}`];
      if (until.getTime() > now.getTime() + LONGEST_DAYS * DAY_MS) return [`${about} is for more than ${LONGEST_DAYS} days`]; // prettier-ignore
      return isFound(purl, [id]) ? [] : [`${about} excepts nothing any more: take it out`];
    }),
    ...vex
      .filter(({ status }) => status === 'not affected' || status === 'fixed')
      .flatMap(({ ids, purl }) => {
        const about = componentOf(purl);
        const others = components.filter((each) => each.name === about?.name && each.ecosystem === about.ecosystem);
        if (others.some((each) => each.purl === about?.purl) || others.length === 0) return [];
        return [`the VEX statement on ${ids[0] ?? '?'} is about ${purl}; here it is ${others.map((each) => each.version).join(', ')} now`]; // prettier-ignore
      }),
  ];
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
