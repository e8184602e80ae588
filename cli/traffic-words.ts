/** Lines of traffic for people. What other programs logged may be hostile: terminals show it, and do not obey it. */
import type { TrafficAlert, TrafficCase } from '@strongroom/sdk';

import { harmless } from './terminal.ts';

export const alertLine = (alert: TrafficAlert): string =>
  harmless(
    `${alert.foundAt}  ${alert.severity.toUpperCase().padEnd(8)} ${alert.title}: ${alert.reason}  ${alert.case}`,
  );

export const caseLine = (each: TrafficCase): string =>
  harmless(
    `${each.id}  ${each.state.padEnd(7)} ${each.severity.padEnd(8)} ${each.lastAt}  ${each.title}, ${each.about}; ${each.alerts} alerts, ${each.customers} customers${each.owner === null ? '' : `; ${each.owner}`}`,
  );

/** Of an OCSF event, what fits a line. */
export function eventLine(event: Readonly<Record<string, unknown>>): string {
  const at = (...path: readonly string[]): string => {
    const found = path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event);
    return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
  };
  const time = Number(at('time'));
  const parts = [
    Number.isFinite(time) && Math.abs(time) < 8.64e15 ? new Date(time).toISOString() : '?',
    at('metadata', 'log_name').padEnd(12),
    at('status_id') === '2' ? 'failed' : '      ',
    at('actor', 'user', 'uid') || '-',
    at('src_endpoint', 'ip') || '-',
    [at('http_request', 'http_method'), at('http_request', 'url', 'path'), at('http_response', 'code')]
      .join(' ')
      .trim(),
    at('strongroom', 'action'),
    at('dst_endpoint', 'ip'),
    at('message'),
  ];
  return harmless(parts.filter((part) => part !== '').join('  '));
}
