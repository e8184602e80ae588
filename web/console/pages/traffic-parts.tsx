/** What pages of traffic share: how grave, in which state, who, and what was measured against what is usual. */
import { Anchor, Badge, Box, Select, Stack, Text, type MantineColor } from '@mantine/core';
import type { Playbook, TrafficAlert, TrafficCase } from '@strongroom/sdk';
import { Link } from '@tanstack/react-router';

import { shortId, useNames } from '../names.ts';

const GRAVITY: Readonly<Record<TrafficAlert['severity'], MantineColor>> = {
  informational: 'gray',
  low: 'blue',
  medium: 'orange',
  high: 'red',
  critical: 'red',
};
const STATES = { open: 'orange', working: 'blue', closed: 'gray' } as const;
const VERDICTS = { 'true-positive': 'it was so', benign: 'meant so', 'false-positive': 'false alarm' } as const;

/** High and critical differ by more than colour: by the word. */
export const Severity = ({ of }: { of: TrafficAlert['severity'] }) => (
  <Badge variant={of === 'critical' ? 'filled' : 'light'} color={GRAVITY[of]}>
    {of}
  </Badge>
);

export const CaseState = ({ of: { state, verdict } }: { of: Pick<TrafficCase, 'state' | 'verdict'> }) => (
  <Badge variant="light" color={STATES[state]}>
    {state}
    {verdict === null ? '' : `: ${VERDICTS[verdict]}`}
  </Badge>
);

/** Ids of this system have a page. A name from a foreign log may be a customer's, and is never part of an address. */
export function Who({ id }: { id: string }) {
  const nameOf = useNames();
  const last = id.split(' ').at(-1) ?? id;
  if (!/^(?:key|per|wkl)_[0-9a-z]+$/.test(last)) return <span className="wrap">{id}</span>;
  return (
    <Anchor component={Link} to={`/traffic/actors/${last}`} title={last} size="sm" underline="always">
      {shortId(nameOf(last))}
    </Anchor>
  );
}

/** What can be done to somebody, in words. */
export const ACTIONS: readonly { value: Playbook['action']; label: string }[] = [
  { value: 'throttle', label: 'slow down the key or person' },
  { value: 'step-up', label: 'ask the person for proof again' },
  { value: 'revoke-sessions', label: 'end all sessions of the person' },
  { value: 'revoke-key', label: 'revoke the key, for good' },
  { value: 'block-address', label: 'block the address' },
];
/** "would have done: revoke-key for 60 s": what the server noted names an action by its id. */
export const noteInWords = (note: string): string =>
  note.replace(
    /^(would have done: |not done: )?([a-z]+(?:-[a-z]+)*)\b/,
    (whole, before: string | undefined, action) => {
      const label = ACTIONS.find(({ value }) => value === action)?.label;
      return label === undefined ? whole : `${before ?? ''}${label}`;
    },
  );

const figure = (value: number): string => value.toLocaleString(undefined, { maximumFractionDigits: 2 });

/** The value as a bar, with a stroke where usual is and one where the limit is; the figures stand beside it. */
export function MeasureBar({ of }: { of: TrafficAlert['measure'] }) {
  if (of === null) return null;
  const { name, value, usual, limit } = of;
  const most = Math.max(value, usual, limit, 1e-9);
  const at = (n: number): string => `${Math.min(100, Math.max(0, (n / most) * 100))}%`;
  return (
    <Stack gap={2} mt={6} maw={460}>
      <Text size="xs">
        {name}: <b>{figure(value)}</b>; usual {figure(usual)}, limit {figure(limit)}
      </Text>
      <Box pos="relative" h={10} bg="var(--mantine-color-default-border)" style={{ borderRadius: 4 }} aria-hidden>
        <Box h={10} w={at(value)} bg="var(--mantine-color-red-filled)" style={{ borderRadius: 4 }} />
        {[usual, limit].map((mark, n) => (
          <Box
            key={n}
            pos="absolute"
            top={-3}
            h={16}
            w={0}
            left={`min(calc(100% - 2px), ${at(mark)})`}
            style={{ borderLeft: `2px ${n === 0 ? 'dotted' : 'solid'} var(--mantine-color-text)` }}
          />
        ))}
      </Box>
      <Text size="xs" c="dimmed" aria-hidden>
        dotted: usual; solid: limit
      </Text>
    </Stack>
  );
}

/** 4000 → "67 min": how long something still lasts. */
export function left(until: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((Date.parse(until) - now) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

export const SPANS = [
  { value: '600', label: '10 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
];
/** How long a measure lasts. */
export function ForHowLong({ seconds, onChange }: { seconds: string; onChange: (seconds: string) => void }) {
  return (
    <Select
      label="For"
      allowDeselect={false}
      openOnFocus={false}
      data={SPANS}
      value={seconds}
      onChange={(next) => onChange(next ?? seconds)}
    />
  );
}
