/**
 * Uses of a field that have ended while it is still held: for one purpose, or, where only a legal hold keeps it, for all
 * but the roles of its matter.
 *
 * One use is `field purpose`, or `field * role,role`. What a purpose was stopped for, its children are stopped for too.
 */
import type { FieldSpec } from '#practices/collection';

import { isLegal } from './core.ts';

/**
 * Whether a field may not be read any more for this purpose: each of its purposes that covers the asked one has ended.
 * A legal purpose reads what was stopped (a subject keeps its rights), but not what only a hold keeps.
 */
export function isStopped(
  uses: readonly string[],
  { name: field, purposes }: Pick<FieldSpec, 'name' | 'purposes'>,
  asks: Readonly<{ purpose: string; role: string }>,
): boolean {
  if (uses.length === 0) return false;
  const ended = new Set<string>();
  for (const use of uses) {
    const [name, purpose = '', roles = ''] = use.split(' ');
    if (name !== field) continue;
    if (purpose === '*') {
      if (!roles.split(',').includes(asks.role)) return true;
    } else ended.add(purpose);
  }
  if (ended.size === 0 || isLegal(asks.purpose)) return false;
  const covering = purposes.filter(({ id }) => asks.purpose === id || asks.purpose.startsWith(`${id}.`));
  return covering.length > 0 && covering.every(({ id }) => ended.has(id));
}
