/** The world of one actor: what it did, what it touched, which cases are about it, and whether it is held back. */
import { Card, Group, SegmentedControl, SimpleGrid, Stack, Table, Text, Title, Anchor } from '@mantine/core';
import type { TrafficEvents } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Events, type Seen } from './traffic-events.tsx';
import { HoldBack } from './traffic-hold-back.tsx';
import { Measures } from './traffic-measures.tsx';
import { CaseState, counted, Listed, Severity } from './traffic-parts.tsx';

const HOURS = ['1', '24', '168'] as const;
const SAID: Readonly<Record<string, string>> = { 1: '1 hour', 24: '1 day', 168: '7 days' };
const MOST = 500;

export function TrafficActorPage({ actor }: { actor: string }) {
  const who = useWhoAmI();
  const [hours, setHours] = useState<string>('24');
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
      <Measures target={actor} />
      <Cases actor={actor} />
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

/** By day and purpose, of the events that are shown: a customer that was touched twice counts twice. */
function daysOf(events: readonly Seen[]) {
  const days = new Map<string, { day: string; purpose: string; events: number; failed: number; customers: number }>();
  for (const { time, status_id, strongroom } of events) {
    const day = time === undefined ? '' : new Date(time).toLocaleDateString();
    const purpose = strongroom?.purpose ?? '–';
    const sum = days.get(`${day} ${purpose}`) ?? { day, purpose, events: 0, failed: 0, customers: 0 };
    sum.events += 1;
    if (status_id === 2) sum.failed += 1;
    sum.customers += strongroom?.subjects ?? 0;
    days.set(`${day} ${purpose}`, sum);
  }
  return [...days.values()];
}

function Did({ found: { events, more } }: { found: TrafficEvents }) {
  if (events.length === 0)
    return <Empty title="Nothing was seen of it">Look further back: events are kept for as long as is set.</Empty>;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {daysOf(events).map(({ day, purpose, ...sum }) => (
          <Card key={`${day} ${purpose}`} component="li" withBorder padding="xs">
            <Text size="xs" c="dimmed">
              {day}, purpose {purpose}
            </Text>
            <Text size="sm">
              {counted(sum.events, 'event')}, {sum.failed.toLocaleString()} failed, customers touched{' '}
              {counted(sum.customers, 'time')}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
      {more && <Text size="sm">The newest {events.length} are shown and counted: there are more.</Text>}
      <Events events={events} label="events of this actor" />
    </Stack>
  );
} // prettier-ignore

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
    <Listed title="Cases about it" head={['Case', 'How grave', 'State', 'Alerts', 'Moved last']}>
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
