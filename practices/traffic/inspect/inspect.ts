/**
 * Whether a request looks like an attack. The strict schema of every route is the first layer: what fits it as data is not
 * given here, only what it leaves free. One interface for all engines.
 *
 * INVARIANT: what was not looked at is never `clean`. Too long, too many, out of time, an engine's error: `unsure`.
 */
import { hash } from 'node:crypto';

import { isPlain, LIMITS, piecesOf, type Part, type Piece } from './parts.ts';
import { SIGNATURES, type Place } from './signatures.ts';

export type Match = Readonly<{ rule: string; title: string; attack: string; place: Place; /** Of the parameter, field or header; never its value. */ name: string }>; // prettier-ignore
export type Inspection = Readonly<{
  verdict: 'clean' | 'match' | 'unsure';
  matches: readonly Match[];
  /** In words, without any value of the request. */
  reason: string;
  /** Why not all was looked at: `late` and `busy` may be otherwise the next time. */
  unsure?: 'too-much' | 'late' | 'failed' | 'busy';
}>;
export type Inspector = Readonly<{
  engine: 'libddwaf' | 'own';
  /** Which engine serves, and why if it is not libddwaf. */
  says: string;
  /** @param hasTime asked once it is known that an engine has to look; that some headers were seen before costs nothing */
  inspect: (parts: readonly Part[], hasTime?: () => boolean) => Inspection;
  close: () => void;
}>;

/** `unfinished` says why not everything was looked at. */
export type Searched = Readonly<{
  found: readonly Readonly<{ rule: string; piece: number }>[];
  unfinished: string | null;
}>;
export type Engine = Readonly<{ name: Inspector['engine']; search: (pieces: readonly Piece[]) => Searched; close: () => void }>; // prettier-ignore

const TITLES = new Map(SIGNATURES.map((each) => [each.id, each]));
const MOST_MATCHES = 20;

export function inspectorBy(engine: Engine, says: string): Inspector {
  const clean = rememberClean();
  return {
    engine: engine.name,
    says,
    close: engine.close,
    inspect: (all, hasTime) => {
      const words = all.filter((each) => !isPlainWord(each));
      // before each of them is hashed
      if (words.length > LIMITS.parts)
        return unsure('too-much', `${words.length} values, at most ${LIMITS.parts} are looked at`);
      const parts = words.filter((each) => !clean.has(each));
      if (parts.length === 0) return CLEAN;
      if (hasTime?.() === false) return unsure('busy', 'there is too much to look at');
      const cut = piecesOf(parts);
      if ('tooMuch' in cut) return unsure('too-much', cut.tooMuch);
      const { found, unfinished } = cut.pieces.length === 0 ? NOTHING : engine.search(cut.pieces);
      const matches = matchesOf(found, cut.pieces);
      if (matches.length > 0) {
        const first = matches[0] as Match;
        return { verdict: 'match', matches, reason: `${first.title} (${first.rule}) in ${first.place} ${first.name}` };
      }
      if (unfinished !== null) return unsure(unfinished === LATE ? 'late' : 'failed', unfinished);
      for (const each of parts) clean.add(each);
      return CLEAN;
    },
  };
}

/** What an engine says that ran out of time. */
export const LATE = 'out of time';
const NOTHING: Searched = { found: [], unfinished: null };
const CLEAN: Inspection = { verdict: 'clean', matches: [], reason: '' };
const unsure = (why: NonNullable<Inspection['unsure']>, says: string): Inspection => ({
  verdict: 'unsure',
  matches: [],
  reason: `not all was looked at: ${says}`,
  unsure: why,
});

/** Names of tools are in `agent`, and paths that scanners try in `path`. */
const isPlainWord = ({ place, name, value }: Part): boolean =>
  (place === 'query' || place === 'header') && isPlain(value) && isPlain(name);

/**
 * Browsers send the same headers with every request, programs the same queries: what was clean is, and is not looked at
 * again. Of a query only its hash is kept, and of free text nothing; the least recently seen go first.
 */
function rememberClean(most = 2_000, longest = 512) {
  const seen = new Set<string>();
  const keyOf = ({ place, name, value }: Part): string | null => {
    if (value.length > longest || name.length > longest) return null;
    if (place === 'header' || place === 'agent') return `${place} ${value}`;
    // one that nobody finds another text to: who knows what was clean must not get past with something else
    return place === 'query' ? hash('sha256', JSON.stringify([name, value]), 'base64url') : null;
  };
  const add = (part: Part): void => {
    const key = keyOf(part);
    if (key === null) return;
    seen.add(key);
    if (seen.size > most) seen.delete(seen.values().next().value as string);
  };
  const has = (part: Part): boolean => {
    const key = keyOf(part);
    if (key === null || !seen.delete(key)) return false;
    seen.add(key);
    return true;
  };
  return { add, has };
}

function matchesOf(found: Searched['found'], pieces: readonly Piece[]): readonly Match[] {
  const once = new Map<string, Match>();
  for (const { rule, piece } of found) {
    const [signature, where] = [TITLES.get(rule), pieces[piece]];
    if (signature === undefined || where === undefined) continue;
    // a name is the sender's: letters and digits of it, no more
    const name = where.name.slice(0, 64).replaceAll(/[^A-Za-z0-9_.[\]-]/g, '?');
    const { title, attack } = signature;
    once.set(`${rule} ${where.place} ${name}`, { rule, title, attack, place: where.place, name });
    if (once.size >= MOST_MATCHES) break;
  }
  return [...once.values()];
}

/** `monitor` lets everything through and says what it saw; `refuse` refuses what matches and what was not looked at. */
export type InspectMode = 'off' | 'monitor' | 'refuse';
export const isRefused = ({ verdict }: Pick<Inspection, 'verdict'>, mode: InspectMode): boolean =>
  mode === 'refuse' && verdict !== 'clean';
