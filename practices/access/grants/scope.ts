/** What exactly is asked for: one text with one hash, which every approval names. */
import { createHash } from 'node:crypto';

import type { DataClass } from '#practices/collection';

import { DATA_CLASSES } from '../classes.ts';

export type GrantKind = 'jit' | 'breakGlass';
export type GrantScope = Readonly<{
  /** A purpose of the catalogue; those below it are covered too. */
  purpose: string;
  classes: readonly DataClass[];
  /** Public ids of the customers it is about. */
  subjects: readonly string[];
  /** Number of a case or ticket elsewhere; for people and the log, decides nothing. */
  case: string | null;
  /** How many reads of a record. */
  reads: number;
  /** From activation on. */
  seconds: number;
}>;

/**
 * One spelling: members in this order, lists sorted and without repeats. The request's id is part of it, so that an
 * approval holds for one request, also where two ask for the same.
 */
export function scopeText(request: string, kind: GrantKind, scope: GrantScope): string {
  const { purpose, classes, subjects, reads, seconds } = scope;
  return JSON.stringify({
    request,
    kind,
    purpose,
    classes: DATA_CLASSES.filter((each) => classes.includes(each)),
    subjects: [...new Set(subjects)].toSorted(),
    case: scope.case,
    reads,
    seconds,
  });
}

/** SHA-256, 64 hex digits. */
export const scopeHash = (text: string): string => createHash('sha256').update(text).digest('hex');

export function readScope(text: string): GrantScope {
  const { purpose, classes, subjects, case: reference, reads, seconds } = JSON.parse(text) as GrantScope;
  return { purpose, classes, subjects, case: reference, reads, seconds };
}
