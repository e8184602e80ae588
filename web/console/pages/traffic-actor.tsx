/** The world of one actor: what it did, what it touched, which cases are about it, and whether it is held back. */
import { Alert, Anchor, Card, Group, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import type { TrafficEvents } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { counted, Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { usePurposes } from '../purposes.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { dayOf, When } from '../when.tsx';
import { Events } from './traffic-events.tsx';
import { HoldBack } from './traffic-hold-back.tsx';
import { Measures } from './traffic-measures.tsx';
import { CaseState, Severity } from './traffic-parts.tsx';

const HOURS = ['1', '24', '168'] as const;
const SAID: Readonly<Record<string, string>> = { 1: '1 hour', 24: '1 day', 168: '7 days' };
const MOST = 500;
const DAYS = 14;

export function TrafficActorPage({ actor }: { actor: string }) {
  const who = useWhoAmI();
  const [hours, setHours] = useState<string>('24');
  const days = useDays(actor);
  const events = useQuery({
    queryKey: ['traffic', 'events', actor, hours],
    queryFn: ({ signal }) =>
      room.traffic.events(
        { actor, from: new Date(Date.now() - Number(hours) * 3_600_000).toISOString(), limit: MOST },
        { signal },
      ),
    // each look is an entry of the log: none happens unasked
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Text component={Link} to="/traffic" size="sm" c="dimmed">
            ← Live
          </Text>
          <Title order={1} size="h2" className="wrap">
            {KINDS[actor.slice(0, 3)] ?? 'Actor'}{' '}
            <Text span className="mono wrap" size="md" c="dimmed">
              {actor}
            </Text>
          </Title>
        </div>
        {who.data?.actions.includes('measures.take') === true && <HoldBack kind="throttle" target={actor} />}
      </Group>
      {typeof days.data?.revokedAt === 'string' && (
        <Alert color="gray" title="This key is revoked">
          Since <When at={days.data.revokedAt} /> no server takes it. What it did before stands below.
        </Alert>
      )}
      <Measures target={actor} />
      <Cases actor={actor} />
      <Days found={days} />
      <Card withBorder padding="sm">
        <Group justify="space-between" mb="xs">
          <Title order={2} size="h4">
            What it did
          </Title>
          <SegmentedControl
            size="xs"
            aria-label="how far back"
            value={hours}
            onChange={setHours}
            data={HOURS.map((value) => ({ value, label: SAID[value] ?? value }))}
          />
        </Group>
        {events.isPending && <Fetching what="events" />}
        {events.isError && <Problem error={events.error} />}
        {events.data !== undefined && <Did found={events.data} />}
      </Card>
    </Stack>
  );
}
const KINDS: Readonly<Record<string, string>> = { key: 'Key', per: 'Person', wkl: 'Workload' };

const useDays = (actor: string) =>
  useQuery({
    queryKey: ['traffic', 'actor', actor],
    queryFn: ({ signal }) => room.traffic.actor(actor, DAYS, { signal }),
    refetchInterval: 10_000,
  });

/** Counted in the store, of everything: also of what is not shown, and of days whose events are kept no longer. */
function Days({ found }: { found: ReturnType<typeof useDays> }) {
  const purposeOf = usePurposes();
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined) return <Fetching what="days" />;
  if (found.data.days.length === 0) return null;
  return (
    <Listed
      stacks
      title={`Its days, of the last ${DAYS}`}
      head={['Day (UTC)', 'Purpose', 'Events', 'Failed', 'Different customers']}
    >
      {found.data.days.map(({ day, purpose, events, failed, customers }) => (
        <Table.Tr key={`${day} ${purpose}`}>
          <Table.Th scope="row" fw={500}>
            {dayOf(day)}
          </Table.Th>
          <Table.Td>{purpose === '-' ? '–' : purposeOf(purpose)}</Table.Td>
          <Table.Td>{events.toLocaleString()}</Table.Td>
          <Table.Td>{failed.toLocaleString()}</Table.Td>
          <Table.Td>{customers.toLocaleString()}</Table.Td>
        </Table.Tr>
      ))}
    </Listed>
  );
}

function Did({ found: { events, next, unopened } }: { found: TrafficEvents }) {
  if (events.length === 0 && unopened === 0)
    return <Empty title="Nothing was seen of it">Look further back: events are kept for as long as is set.</Empty>;
  return (
    <Stack>
      {next !== null && <Text size="sm">The newest {events.length} are shown: there may be more.</Text>}
      {unopened > 0 && (
        <Text size="sm">{counted(unopened, 'block')} of events cannot be opened: what was in them is not here.</Text>
      )}
      <Events events={events} label="events of this actor" />
    </Stack>
  );
}

function Cases({ actor }: { actor: string }) {
  // who a case is about is written as `key key_…`, `actor per_…`
  const abouts = [`key ${actor}`, `actor ${actor}`];
  const found = useQuery({
    queryKey: ['traffic', 'cases', 'about', actor],
    queryFn: async ({ signal }) => {
      const lists = await Promise.all(
        abouts.map((about) => room.traffic.cases({ state: 'all', about, limit: 20 }, { signal })),
      );
      return lists.flatMap(({ cases }) => cases);
    },
  });
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined || found.data.length === 0) return null;
  return (
    <Listed title="Cases about it" head={['Case', 'How grave', 'State', 'Alerts', 'Last alert']} stacks>
      {found.data.map((one) => (
        <Table.Tr key={one.id}>
          <Table.Th scope="row" fw={500}>
            <Anchor component={Link} to={`/traffic/cases/${one.id}`} size="sm">
              {one.title}
            </Anchor>
          </Table.Th>
          <Table.Td>
            <Severity of={one.severity} />
          </Table.Td>
          <Table.Td>
            <CaseState of={one} />
          </Table.Td>
          <Table.Td>{one.alerts}</Table.Td>
          <Table.Td>
            <When at={one.lastAt} />
          </Table.Td>
        </Table.Tr>
      ))}
    </Listed>
  );
}
