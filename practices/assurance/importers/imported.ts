/** A finding as a tool reports it, in the one shape that all reports are read into. */
import { createHash } from 'node:crypto';

import { fingerprintOf } from '../fingerprint.ts';
import { ratingOf, scoreOf } from '../severity.ts';
import { SEVERITIES, type Severity } from '../types.ts';

export type Tool = Readonly<{ name: string; version: string }>;

export type Imported = Readonly<{
  /** The tool's name for what it looked for, with the tool before it: `zap:40018`. Advisories keep their own: `CVE-2021-44228`. */
  rule: string;
  title: string;
  severity: Severity;
  cvss?: string;
  /** Host, repository or product; never with a port. */
  asset: string;
  /** The logical place in the asset: `GET /items/{n}`, `pkg:npm/ws`, `tcp/443`. No lines, no versions. */
  place: string;
  parameter?: string;
  tool: Tool;
  description: string;
  references: readonly string[];
  /** SHA-256 of the item as the report has it: what it holds may be a response with somebody's data, and is not kept. */
  evidenceHash: string;
  fingerprint: string;
}>;

export type Seen = Readonly<{
  rule: string;
  title: string;
  severity: Severity;
  cvss?: string | undefined;
  asset: string;
  place: string;
  parameter?: string | undefined;
  tool: Tool;
  description?: string;
  references?: readonly unknown[];
  /** The item as the report has it; its hash is kept, and nothing else of it. */
  raw: unknown;
}>;

const REFERENCES = 20;

export function imported(seen: Seen): Imported {
  const rule = line(seen.rule, 200);
  const asset = line(seen.asset, 200);
  const place = line(seen.place, 500);
  const parameter = seen.parameter === undefined ? '' : line(seen.parameter, 200);
  const cvss = seen.cvss !== undefined && scoreOf(seen.cvss) !== null ? seen.cvss : undefined;
  const references = [...new Set((seen.references ?? []).flatMap(linkOf))].slice(0, REFERENCES);
  return {
    rule,
    title: line(seen.title, 200) || rule,
    severity: seen.severity,
    ...(cvss === undefined ? {} : { cvss }),
    asset,
    place,
    ...(parameter === '' ? {} : { parameter }),
    tool: { name: line(seen.tool.name, 60) || 'unknown', version: line(seen.tool.version, 60) },
    description: prose(seen.description ?? '', 2000),
    references,
    evidenceHash: hashOf(seen.raw),
    fingerprint: fingerprintOf({ rule, asset, place, ...(parameter === '' ? {} : { parameter }) }),
  };
}

/** One sighting for each fingerprint, the worst of them: tools report one fault once for each payload. */
export function joined(all: readonly Imported[]): readonly Imported[] {
  const byFingerprint = new Map<string, Imported>();
  for (const one of all) {
    const known = byFingerprint.get(one.fingerprint);
    if (known === undefined || SEVERITIES.indexOf(one.severity) < SEVERITIES.indexOf(known.severity))
      byFingerprint.set(one.fingerprint, one);
  }
  return [...byFingerprint.values()];
}

/** The words of tools for how bad something is. */
const WORDS: Readonly<Record<string, Severity>> = {
  critical: 'critical', fatal: 'critical', severe: 'critical', urgent: 'critical',
  high: 'high', important: 'high', error: 'high',
  medium: 'medium', moderate: 'medium', warning: 'medium',
  low: 'low', minor: 'low', note: 'low',
  info: 'info', informational: 'info', information: 'info', none: 'info', unknown: 'info',
}; // prettier-ignore

/** @returns null where the word is none of those that tools use */
export const severityOf = (word: string): Severity | null => WORDS[word.trim().toLowerCase()] ?? null;

/** The rating of a vector, or of a number of 0 to 10 as some tools write it instead. */
export function severityOfScore(vector: string | undefined, score: unknown): Severity | null {
  const byVector = vector === undefined ? null : scoreOf(vector);
  const number = byVector ?? (typeof score === 'string' && score.trim() !== '' ? Number(score) : score);
  return typeof number === 'number' && number >= 0 && number <= 10 ? ratingOf(number) : null;
}

function linkOf(value: unknown): readonly string[] {
  if (typeof value !== 'string' || value.length > 500) return [];
  const text = value.trim();
  return /^https?:\/\/[^\s<>"'`\\]+$/i.test(text) ? [text] : [];
}

function hashOf(raw: unknown): string {
  const text = typeof raw === 'string' ? raw : JSON.stringify(raw);
  return createHash('sha256').update(text).digest('hex');
}

/** One line: what would move a cursor, or turn the direction of text, is left out. */
export const line = (text: string, most: number): string =>
  text
    .slice(0, most * 4)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
    .slice(0, most)
    .toWellFormed();

/** Text of several lines, without markup. */
export const prose = (text: string, most: number): string =>
  text
    .slice(0, most * 4)
    .toWellFormed()
    .replaceAll(/<\/(?:p|li|div)>|<br ?\/?>/gi, '\n')
    .replaceAll(/<\/?[a-z][a-z0-9]{0,15}(?: [^<>]{0,200})?>/gi, '')
    .replaceAll(/[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/gu, ' ')
    .replaceAll(/[ ]{2,}/g, ' ')
    .replaceAll(/ ?\n[ \n]*/g, '\n')
    .trim()
    .slice(0, most)
    .toWellFormed();
