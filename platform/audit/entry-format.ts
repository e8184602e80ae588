/**
 * Is this an entry as docs/formats/audit-entry.md has it? What the verifier asks of each, beside its hash.
 *
 * Members that are not known are left alone: a later server may write more. Those that are known must be what they are.
 */
import { canonicalJson, type Json } from './canonical-json.ts';

export type EntryCheck = Readonly<
  | { ok: true; /** Milliseconds. */ time: number; policyVersion: string | null }
  /** `why` holds nothing of the entry. */
  | { ok: false; why: string }
>;

type Members = Readonly<Record<string, unknown>>;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ACTION = /^[a-z][a-z0-9]*(\.[a-z0-9-]+)*$/i;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isOptional = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value);

/** Name of each member, and what it must be. */
const MEMBERS: readonly (readonly [string, (value: unknown, entry: Members) => boolean])[] = [
  ['ts', (value) => typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value))],
  ['node', isText],
  ['action', (value) => isText(value) && ACTION.test(value)],
  ['actor', (value) => isMembers(value) && isText(value.kind) && isText(value.id) && isOptional(value.role, isText)],
  ['outcome', (value) => value === 'done' || value === 'denied' || value === 'failed'],
  ['purpose', (value) => isOptional(value, isText)],
  ['subjects', (value) => isOptional(value, (names) => isTexts(names) && isSorted(names as readonly string[]))],
  ['subjectSet', (value, { subjects }) => isOptional(value, (set) => isMembers(set) && subjects === undefined)],
  ['classes', (value) => isOptional(value, isTexts)],
  ['decision', (value) => isOptional(value, isDecision)],
  ['detail', (value) => isOptional(value, isMembers)],
  ['personal', (value) => isOptional(value, (sealed) => isMembers(sealed) && isText(sealed.subject))],
  ['requestId', (value) => isOptional(value, isText)],
];

/** A decision names what decided: without a version of the policies nobody can ask later why. */
function isDecision(value: unknown): boolean {
  return (
    isMembers(value) &&
    typeof value.allow === 'boolean' &&
    Array.isArray(value.policies) &&
    isTexts(value.policies) &&
    isText(value.policyVersion) &&
    isOptional(value.grants, isTexts)
  );
}

function isSorted(names: readonly string[]): boolean {
  return names.every((name, i) => i === 0 || (names[i - 1] as string) < name);
}

export function checkEntry(bytes: Uint8Array): EntryCheck {
  let entry: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    entry = JSON.parse(text);
    if (!isMembers(entry) || entry.v !== 1) return { ok: false, why: 'it is no entry of version 1' };
    if (canonicalJson(entry as Json) !== text) return { ok: false, why: 'it is not in canonical form' };
  } catch {
    return { ok: false, why: 'it is no JSON' };
  }
  const members = entry;
  const wrong = MEMBERS.find(([name, is]) => !is(members[name], members));
  if (wrong !== undefined) return { ok: false, why: `its ${wrong[0]} is malformed` };
  const decision = members.decision as { policyVersion: string } | undefined;
  return { ok: true, time: Date.parse(members.ts as string), policyVersion: decision?.policyVersion ?? null };
}
