/** What pages of incidents share: words for kinds, phases and clocks, and how long there is still. */
import { Badge, Text, type MantineColor } from '@mantine/core';
import type { Incident } from '@strongroom/sdk';

import { When } from '../when.tsx';

type Clock = Incident['clocks'][number];

export const KINDS = {
  'account-taken-over': 'Somebody else uses an account',
  'lost-device': 'A device is lost or stolen',
  'wrong-recipient': 'Something went to the wrong person',
  'export-leaked': 'Data or a key is where it should not be',
  ransomware: 'Files are locked, or somebody asks for money',
  'phishing-wave': 'Many mails that deceive',
  other: 'Something else',
} as const;
export type Kind = keyof typeof KINDS;
export const kindOf = (kind: string): string => KINDS[kind as Kind] ?? kind;

/** A phase, and what is done in it. */
export const PHASES = {
  triage: ['Triage', 'Is it so, and how grave is it?'],
  contain: ['Contain', 'Stop it from going on.'],
  scope: ['Scope', 'Whose data was it? Ask the log.'],
  decide: ['Decide', 'Tell the authority? Tell those concerned?'],
  notify: ['Notify', 'Tell them, and note when.'],
  recover: ['Recover', 'Back to how it should be.'],
  learn: ['Learn', 'What would have prevented it?'],
  closed: ['Closed', 'It stays as it is, for whoever checks.'],
} as const;
export type Phase = keyof typeof PHASES;
export const phaseOf = (phase: string): string => PHASES[phase as Phase]?.[0] ?? phase;

const GRAVITY: Readonly<Record<string, MantineColor>> = { low: 'blue', medium: 'orange', high: 'red', critical: 'red' };
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;

export const Gravity = ({ of }: { of: string }) => (
  <Badge variant={of === 'critical' ? 'filled' : 'light'} color={GRAVITY[of] ?? 'gray'}>
    {of}
  </Badge>
);

/** For what each clock is, shorter than the law says it. */
export const CLOCKS: Readonly<Record<string, string>> = {
  'gdpr-33': 'Tell the authority (GDPR art. 33)',
  'gdpr-33-processor': 'Tell the controller (GDPR art. 33(2))',
  'gdpr-34': 'Tell the people concerned (GDPR art. 34)',
  'uk-gdpr-33': 'Tell the Information Commissioner (UK GDPR)',
  'nis2-early': 'Early warning (NIS2)',
  'nis2-incident': 'Incident notification (NIS2)',
  'nis2-final': 'Final report (NIS2)',
};
export const clockName = (id: string): string => CLOCKS[id] ?? id;

/** 49 → "2 days 1 hour"; whole hours, as they are counted. */
export function hours(n: number): string {
  const [days, rest] = [Math.floor(n / 24), n % 24];
  const of = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;
  if (days === 0) return rest === 0 ? 'less than an hour' : of(rest, 'hour');
  return rest === 0 ? of(days, 'day') : `${of(days, 'day')} ${of(rest, 'hour')}`;
}

/** How a clock stands, in words; the colour says it once more. */
export function clockSays({ state, hoursLeft }: Clock): readonly [says: string, color: MantineColor] {
  if (state === 'waiting') return ['does not run yet', 'gray'];
  if (state === 'told') return ['told in time', 'teal'];
  if (state === 'told-late') return ['told late', 'orange'];
  if (state === 'not-needed') return ['decided: not needed', 'gray'];
  const left = hoursLeft ?? 0;
  if (state === 'late' || left < 0) return [`overdue by ${hours(Math.max(0, -left - 1))}`, 'red'];
  return [`${hours(left)} left`, left < 24 ? 'red' : left < 48 ? 'orange' : 'blue'];
}

export function ClockState({ of }: { of: Clock }) {
  const [says, color] = clockSays(of);
  return (
    <Badge variant="light" color={color}>
      {says}
    </Badge>
  );
}

/** The clock that ends first of those that still run; what is late is first of all. */
export const mostUrgent = (clocks: readonly Clock[]): Clock | null =>
  clocks
    .filter(({ state }) => state === 'running' || state === 'late')
    .toSorted((a, b) => ((a.dueAt ?? '') < (b.dueAt ?? '') ? -1 : 1))[0] ?? null;

export const Due = ({ of: { dueAt, doneAt, startedAt, assumed, notedLate } }: { of: Clock }) => (
  <Text size="xs" c="dimmed" component="div">
    {startedAt !== null && (
      <>
        counted from <When at={startedAt} />
        {assumed && ', the report: nobody noted when it was known'}
      </>
    )}
    {dueAt !== null && (
      <>
        , due <When at={dueAt} />
      </>
    )}
    {doneAt !== null && (
      <>
        ; told <When at={doneAt} />
        {notedLate && ', written down only when the time was over'}
      </>
    )}
  </Text>
);
