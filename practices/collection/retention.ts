/** Retention of the catalogue: after an event, for an ISO 8601 duration, then what happens. */
import type { Limit, Retention } from './catalog.ts';
import type { Report, Step } from './catalog-problem.ts';
import type { LimitFile, RetentionFile } from './catalog-shape.ts';

const DURATION = /^P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$/;

/**
 * ISO 8601-1 §5.5.2 duration of calendar parts; hours make no sense for retention.
 * @returns null when it is none
 */
export function parseDuration(text: string): Retention['period'] | null {
  const found = DURATION.exec(text);
  if (found === null) return null;
  const [years, months, weeks, days] = found.slice(1).map((part: string | undefined) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  return { years, months, days: weeks * 7 + days };
}

/** @returns null when it is reported */
export function resolveRetention(
  file: RetentionFile,
  at: readonly Step[],
  events: ReadonlyMap<string, string>,
  report: Report,
): Retention | null {
  let right = true;
  const fault = (key: string, says: string, hint: string): void => {
    right = false;
    report(key in file ? [...at, key] : at, says, hint);
  };
  if (file.after === undefined)
    fault('after', 'the retention has no event', 'add after: <event>; a period that never starts never ends');
  else if (!events.has(file.after)) {
    fault(
      'after',
      `the event ${file.after} is not declared`,
      `declare it under events:, or use one of ${[...events.keys()].join(', ')}`,
    );
  }
  if (file.for === undefined)
    fault('for', 'the retention has no period', 'add for: <ISO 8601 duration>, such as P30D or P2Y');
  const period = file.for === undefined ? null : parseDuration(file.for);
  if (file.for !== undefined && period === null) {
    fault(
      'for',
      'this is not a duration',
      'expected an ISO 8601 duration of years, months, weeks and days, such as P2Y6M or P30D',
    );
  }
  if (!right || file.after === undefined || file.for === undefined || period === null) return null;
  return { after: file.after, for: file.for, period, action: file.action ?? 'erase' };
}

/** A floor or ceiling: as a retention, with the law that says so. @returns null when it is reported */
export function resolveLimit(
  file: LimitFile | undefined,
  at: readonly Step[],
  events: ReadonlyMap<string, string>,
  report: Report,
): Limit | null {
  if (file === undefined) return null;
  const { law, ...rest } = file;
  const found = resolveRetention(rest, at, events, report);
  return found === null ? null : { after: found.after, for: found.for, period: found.period, law };
}
