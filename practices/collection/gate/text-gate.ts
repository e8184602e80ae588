/**
 * Personal data hidden in free text: what becomes of a text in which something was found that its field may not hold.
 *
 * A finding counts when its class is above the field's, or when the catalogue has a rule for its very type. What counts for
 * most wins: refuse, then mask.
 */
import type { FieldSpec, GateRule } from '../catalog.ts';
import { classOfFinding, isAbove } from './finding-class.ts';

/** As practices/collection/detect finds it; offsets in UTF-16 code units. */
export type TextFinding = Readonly<{ type: string; start: number; end: number; confidence: number }>;
export type DetectText = (
  text: string,
  options: Readonly<{ minConfidence: number; countries?: readonly string[] }>,
) => readonly TextFinding[];

/** Below this a finding is a guess, and nobody's text is refused for a guess. */
export const SURE = 0.8;

export type JudgedText = Readonly<{
  /** Of the whole text: the strictest rule that a finding has; pass when there is none. */
  rule: GateRule;
  /** Types of what counted, each with the rule it has. */
  found: ReadonlyMap<string, GateRule>;
  /** What enforce stores: with `[type]` in place of what is masked; and with `[*]`, should that be too long for the field. */
  masked: readonly string[];
}>;

const STRICTNESS: readonly GateRule[] = ['pass', 'mask', 'refuse'];

export function judgeText(spec: FieldSpec, text: string, findings: readonly TextFinding[]): JudgedText {
  const found = new Map<string, GateRule>();
  const hidden: TextFinding[] = [];
  let strictest = 0;
  for (const finding of findings) {
    if (finding.confidence < SURE) continue;
    const rule = ruleFor(spec, finding.type);
    if (rule === null) continue;
    found.set(finding.type, rule);
    strictest = Math.max(strictest, STRICTNESS.indexOf(rule));
    if (rule === 'mask') hidden.push(finding);
  }
  const rule = STRICTNESS[strictest] as GateRule;
  return {
    rule,
    found,
    masked:
      rule === 'mask'
        ? [withoutSpans(text, hidden, (type) => `[${type}]`), withoutSpans(text, hidden, () => '[*]')]
        : [],
  };
}

/** @returns null where the field may hold it and nothing else is said */
function ruleFor({ gate, class: ceiling }: FieldSpec, type: string): GateRule | null {
  const ofType = gate?.[type];
  if (ofType !== undefined) return ofType;
  const dataClass = classOfFinding(type);
  if (!isAbove(dataClass, ceiling)) return null;
  return gate?.[dataClass] ?? gate?.['all'] ?? 'refuse';
}

/** Spans that overlap go as one, under the name of the first. */
function withoutSpans(text: string, findings: readonly TextFinding[], as: (type: string) => string): string {
  let masked = '';
  let at = 0;
  for (const { type, start, end } of findings.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (end <= at) continue;
    if (start >= at) masked += text.slice(at, start) + as(type);
    at = end;
  }
  return masked + text.slice(at);
}
