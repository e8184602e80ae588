/** What happened, the one that moved last first; what is still to be told of each, and by when. */
import { Alert, Anchor, Badge, Button, Card, Group, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import type { IncidentList } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { counted, Listed } from '../../ui/listed.tsx';
import { Pager } from '../../ui/pager.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useNames } from '../names.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { clockName, ClockState, Gravity, kindOf, mostUrgent, phaseOf } from './incident-parts.tsx';

type Line = IncidentList['incidents'][number];

export function IncidentsPage() {
  const [shown, setShown] = useState<'open' | 'all'>('open');
  const [before, setBefore] = useState<string | null>(null);
  const found = useQuery({
    queryKey: ['incidents', 'list', before],
    queryFn: () => room.incidents.list(before ?? undefined),
    refetchInterval: 60_000,
  });
  const all = found.data?.incidents ?? [];
  const lines = shown === 'all' ? all : all.filter(({ phase }) => phase !== 'closed');
  const next = found.data?.next ?? null;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Incidents
        </Title>
        <Group gap="xs">
          <Nameless />
          <Button component={Link} to="/incidents/register" variant="default">
            Register
          </Button>
          <Button component={Link} to="/report">
            Report something
          </Button>
        </Group>
      </Group>
      <SegmentedControl
        size="sm"
        w="fit-content"
        aria-label="which incidents"
        value={shown}
        onChange={setShown}
        data={[
          { value: 'open', label: 'Not closed' },
          { value: 'all', label: 'All' },
        ]}
      />
      {found.isError && <Problem error={found.error} />}
      {found.isPending && <Fetching what="incidents" />}
      <Late lines={all} />
      {found.data !== undefined && lines.length === 0 && (
        <Card withBorder>
          <Empty title={all.length === 0 ? 'No incident yet' : 'Nothing waits'}>
            {all.length === 0
              ? 'Anybody who works here reports what is odd, under “Report something”. Try it once: a rehearsal is closed in triage, with a word on why.'
              : 'What is closed is under “All”, and in the register.'}
          </Empty>
        </Card>
      )}
      {lines.length > 0 && (
        <Listed
          title={counted(lines.length, 'incident')}
          head={['Incident', 'How grave', 'Phase', 'What is next due', 'Who leads', 'Moved last']}
          minWidth={900}
          stacks
        >
          {lines.map((each) => (
            <Row key={each.id} line={each} />
          ))}
        </Listed>
      )}
      <Pager before={before} next={next} turn={setBefore} />
    </Stack>
  );
}

/** How many of those wait, before anybody looks for them. */
function Nameless() {
  const found = useQuery({
    queryKey: ['incidents', 'nameless', 'waiting'],
    queryFn: () => room.incidents.nameless({ limit: 1 }),
    refetchInterval: 30_000,
  });
  const waiting = found.data?.waiting ?? 0;
  return (
    <Button
      component={Link}
      to="/incidents/reports"
      variant="default"
      rightSection={
        waiting > 0 && (
          <Badge color="red" size="sm">
            {counted(waiting, 'waits', 'wait')}
          </Badge>
        )
      }
    >
      Reported without a name
    </Button>
  );
}

function Late({ lines }: { lines: readonly Line[] }) {
  const late = lines.filter(({ clocks }) => clocks.some(({ state }) => state === 'late'));
  if (late.length === 0) return null;
  return (
    <Alert color="red" title={`${counted(late.length, 'incident')} with a clock that has run out`}>
      Tell what you know now, with the reasons why it is late: more may follow in phases (GDPR art. 33(1), 33(4)).
    </Alert>
  );
}

function Row({ line: { id, receipt, kind, severity, phase, owner, lastAt, clocks } }: { line: Line }) {
  const [urgent, nameOf] = [mostUrgent(clocks), useNames()];
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        <Anchor component={Link} to={`/incidents/${id}`} size="sm" underline="always">
          {kindOf(kind)}
        </Anchor>
        <Text size="xs" c="dimmed" className="mono">
          {receipt}
        </Text>
      </Table.Th>
      <Table.Td>
        <Gravity of={severity} />
      </Table.Td>
      <Table.Td>{phaseOf(phase)}</Table.Td>
      <Table.Td>
        {urgent === null ? (
          'nothing'
        ) : (
          <>
            <ClockState of={urgent} />
            <Text size="xs" c="dimmed">
              {clockName(urgent.id)}
            </Text>
          </>
        )}
      </Table.Td>
      <Table.Td>{owner === null ? 'nobody yet' : nameOf(owner)}</Table.Td>
      <Table.Td>
        <When at={lastAt} />
      </Table.Td>
    </Table.Tr>
  );
}
