/** Runs one correlation: a match of a rule it stands on goes in, what fires comes out. */
import { hash } from 'node:crypto';

import type { TrafficEvent } from '../event.ts';
import type { Field, FieldValue, Scalar } from './field.ts';
import { textOf } from './field.ts';
import type { Keys } from './keys.ts';
import type { CorrelationRule, SigmaRule } from './rule.ts';
import { keyOf, partsOf, spanWords, type Part } from './say.ts';
import { fieldOf } from './taxonomy.ts';
import { enter, type Fired, type Window } from './window.ts';

export type Correlating = Readonly<{
  /** @param stage  which of its rules matched */
  take: (event: TrafficEvent, time: number, stage: number) => Readonly<{ fired: Fired; parts: readonly Part[] }> | null;
  reason: (fired: Fired) => string;
}>;

/** @param members  the rules it stands on, in its order */
export function createCorrelating(
  rule: CorrelationRule,
  members: readonly SigmaRule[],
  windows: Keys<Window>,
): Correlating {
  const { correlation } = rule;
  const fieldsOf = members.map((member, stage) =>
    correlation.groupBy.map((name) => fieldIn(name, rule, member, correlation.rules[stage] as string)),
  );
  const counted = members.map((member, stage) =>
    correlation.field === null ? null : fieldIn(correlation.field, rule, member, correlation.rules[stage] as string),
  );
  return {
    take: (event, time, stage) => {
      const parts = partsOf(fieldsOf[stage] as Field[], event);
      if (parts === null) return null;
      const value = counted[stage]?.read(event);
      const texts = value === undefined ? [] : listOf(value);
      if (counted[stage] !== null && texts.length === 0) return null;
      const window = windows.of(keyOf(rule.id, parts));
      const before = window.entries.length;
      let fired: Fired | null = null;
      for (const each of counted[stage] === null ? [null] : texts) {
        const sum = each === null ? 0 : Number(each);
        if (correlation.type.startsWith('value_') && correlation.type !== 'value_count' && !Number.isFinite(sum))
          continue;
        fired =
          enter(window, { time, uid: event.metadata.uid, stage, value: each, sum, count: 1 }, correlation) ?? fired;
      }
      windows.weighed(window.entries.length - before);
      return fired === null ? null : { fired, parts };
    },
    reason: (fired) => reasonOf(rule, members, fired),
  };
}

function fieldIn(name: string, { correlation }: CorrelationRule, member: SigmaRule, memberName: string): Field {
  const real =
    correlation.aliases.get(name)?.get(memberName) ??
    (member.name === null ? undefined : correlation.aliases.get(name)?.get(member.name)) ??
    name;
  return fieldOf(real, member.kind === 'rule' ? member.logsource.product : null).field;
}

const MOST_TEXT = 256;

function listOf(value: FieldValue): string[] {
  const list: readonly (Scalar | undefined)[] = Array.isArray(value) ? value : [value as Scalar];
  return list.flatMap((each) => (each === null || each === undefined ? [] : [whole(textOf(each))]));
}

/** A long text by its hash: a beginning that many share is no one value, and a part of a text holds on to all of it. */
const whole = (text: string): string => (text.length > MOST_TEXT ? hash('sha256', text) : text);

function reasonOf({ correlation }: CorrelationRule, members: readonly SigmaRule[], { value, from, to }: Fired): string {
  const names = members.map(({ title }) => `«${title}»`);
  const within = `within ${spanWords(correlation.timespanMs)} (these in ${spanWords(Math.max(1000, Math.round((to - from) / 1000) * 1000))})`;
  const { type, field } = correlation;
  if (type === 'event_count') return `${value} matches of ${names.join(' or ')} ${within}`;
  if (type === 'temporal') return `${value} of ${names.join(', ')} ${within}`;
  if (type === 'temporal_ordered') return `${names.slice(0, value).join(', then ')} ${within}`;
  const matches = `in matches of ${names.join(' or ')} ${within}`;
  if (type === 'value_count') return `${value} different values of ${field} ${matches}`;
  return `${field} came to ${Math.round(value)} ${type === 'value_sum' ? 'in all' : 'on average'} ${matches}`;
}
