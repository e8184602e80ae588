/**
 * Inspection as a server runs it: by the mode that is set, within the time that is allowed, counted.
 *
 * INVARIANT: what it says of a request is which signature and in which place; nothing of what was sent, no name either.
 */
import { neighbourhood } from '#platform/networks';

import { createAllowance, type AllowanceNeeds } from './allowance.ts';
import { isRefused, type Inspection, type Inspector, type InspectMode } from './inspect.ts';
import type { Part } from './parts.ts';
import type { Place } from './signatures.ts';

export type Found = Readonly<{ rule: string; title: string; attack: string; place: Place }>;
/** Of a request that is not clean. */
export type Looked = Readonly<{
  verdict: 'match' | 'unsure';
  /** Each signature once for each place. */
  found: readonly Found[];
  /** In words. */
  reason: string;
  /** What it is to be refused with; null: it is let through. */
  refused: 'SUSPICIOUS_REQUEST' | 'UNINSPECTED' | 'INSPECTION_BUSY' | null;
}>;
export type InspectionHealth = Readonly<{
  mode: InspectMode;
  /** `libddwaf`, or which engine serves and why. */
  engine: string;
  /** Since the server began: requests, and of them. */
  looked: number;
  matched: number;
  unsure: number;
  refused: number;
  /** Milliseconds: all together, and of the slowest. */
  spentMs: number;
  slowestMs: number;
}>;
export type RequestInspection = Readonly<{
  mode: () => InspectMode;
  turn: (mode: InspectMode) => void;
  /** @returns null: clean, or not looked at by the setting */
  look: (address: string, parts: readonly Part[]) => Looked | null;
  health: () => InspectionHealth;
  close: () => void;
}>;
export type InspectionNeeds = Readonly<{
  mode: InspectMode;
  /** Made when it is needed. */
  inspector: () => Inspector;
  onTrouble: (what: string, detail: Readonly<Record<string, unknown>>) => void;
  allow?: Pick<AllowanceNeeds, 'one' | 'all' | 'withinSeconds'>;
}>;

/** Of a second of the one thread that serves everybody, in milliseconds. */
const ALLOWED = { one: 200, all: 500, withinSeconds: 1 } as const;

export function createInspection({ mode: first, inspector: make, onTrouble, allow = ALLOWED }: InspectionNeeds): RequestInspection {
  let mode = first;
  let inspector = mode === 'off' ? null : make();
  let hasFailed = false;
  const allowance = createAllowance(allow);
  const counts = { looked: 0, matched: 0, unsure: 0, refused: 0, spentMs: 0, slowestMs: 0 };

  const inspect = (by: Inspector, address: string, parts: readonly Part[]): Inspection => {
    const began = performance.now();
    let who: string | null = null;
    try {
      return by.inspect(parts, () => allowance.has((who = neighbourhood(address))));
    } catch {
      // what an engine says of its fault may hold what it was given
      if (!hasFailed) onTrouble('the inspection of requests fails', { engine: by.engine });
      hasFailed = true;
      return { verdict: 'unsure', matches: [], reason: 'not all was looked at: the engine failed', unsure: 'failed' };
    } finally {
      const ms = performance.now() - began;
      counts.spentMs += ms;
      counts.slowestMs = Math.max(counts.slowestMs, ms);
      if (who !== null) allowance.spend(who, ms);
    }
  };

  return {
    mode: () => mode,
    turn: (next) => {
      mode = next;
      if (mode !== 'off') inspector ??= make();
    },
    look: (address, parts) => {
      if (mode === 'off' || inspector === null || parts.length === 0) return null;
      counts.looked += 1;
      const inspection = inspect(inspector, address, parts);
      const { verdict, matches, reason, unsure } = inspection;
      if (verdict === 'clean') return null;
      counts[verdict === 'match' ? 'matched' : 'unsure'] += 1;
      const refused = isRefused(inspection, mode);
      if (refused) counts.refused += 1;
      const found = new Map(matches.map(({ rule, title, attack, place }) => [`${rule} ${place}`, { rule, title, attack, place }]));
      return {
        verdict,
        found: [...found.values()],
        // the reason of a match has the sender's name of a parameter in it
        reason: verdict === 'match' ? '' : reason,
        refused: !refused ? null : verdict === 'match' ? 'SUSPICIOUS_REQUEST' : unsure === 'late' || unsure === 'busy' ? 'INSPECTION_BUSY' : 'UNINSPECTED',
      };
    },
    health: () => ({ mode, engine: inspector?.says ?? 'none', ...counts }),
    close: () => {
      mode = 'off';
      inspector?.close();
      inspector = null;
    },
  };
} // prettier-ignore
