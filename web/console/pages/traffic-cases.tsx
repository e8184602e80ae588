/** What was found, the one with the newest alert first. */
import { Anchor, Card, Group, SegmentedControl, Select, Stack, Table, Text, Title } from '@mantine/core';
import type { TrafficCase } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { counted, Listed } from '../../ui/listed.tsx';
import { Pager } from '../../ui/pager.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { CaseState, Severity, Who } from './traffic-parts.tsx';

const STATES = ['open', 'working', 'closed', 'all'] as const;
type Shown = (typeof STATES)[number] | 'not closed';
const GRAVEST_FIRST = ['critical', 'high', 'medium', 'low', 'informational'] as const;
const MOST = 200;

export function TrafficCasesPage() {
  const [state, setState] = useState<Shown>('not closed');
  const [least, setLeast] = useState<TrafficCase['severity']>('informational');
  const [before, setBefore] = useState<string | null>(null);
  const cases = useQuery({
    queryKey: ['traffic', 'cases', state, least, before],
    queryFn: ({ signal }) =>
      room.traffic.cases(
        { limit: MOST, least, ...(state === 'not closed' ? {} : { state }), ...(before === null ? {} : { before }) },
        { signal },
      ),
    refetchInterval: 10_000,
  });
  const shown = cases.data?.cases;
  const next = cases.data?.next ?? null;
  const isAll = state === 'not closed' && least === 'informational' && before === null;
  return (
    <Stack>
      <Title order={1} size="h2">
        Cases
      </Title>
      <Text size="sm">
        Alerts about the same actor or address are one case. Take it, see what shows it, do the narrowest thing that
        helps, and close it with a verdict: verdicts tell which rules are worth their noise.
      </Text>
      <Group align="flex-end">
        <SegmentedControl
          size="sm"
          aria-label="state of cases"
          value={state}
          onChange={(chosen) => {
            setState(chosen);
            setBefore(null);
          }}
          data={['not closed', ...STATES]}
        />
        <Select
          label="At least"
          w={180}
          allowDeselect={false}
          openOnFocus={false}
          data={[...GRAVEST_FIRST]}
          value={least}
          onChange={(chosen) => {
            setLeast(chosen ?? 'informational');
            setBefore(null);
          }}
        />
      </Group>
      {cases.isPending && <Fetching what="cases" />}
      {cases.isError && <Problem error={cases.error} />}
      {shown?.length === 0 && (
        <Card withBorder>
          <Empty title={isAll ? 'Nothing waits' : 'There is no such case'}>
            {isAll
              ? 'A case opens by itself when a detection speaks. The live page shows whether the sensors run.'
              : 'Choose another state, or a lower severity.'}
          </Empty>
        </Card>
      )}
      {shown !== undefined && shown.length > 0 && (
        <Listed
          title={before === null && next === null ? counted(shown.length, 'case') : `${shown.length} of more cases`}
          head={['Case', 'How grave', 'State', 'About', 'Alerts', 'Customers', 'Last alert']}
          minWidth={900}
          stacks
        >
          {shown.map((one) => (
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
              <Table.Td>
                <Who id={one.about} />
              </Table.Td>
              <Table.Td>{one.alerts.toLocaleString()}</Table.Td>
              <Table.Td>{one.customers.toLocaleString()}</Table.Td>
              <Table.Td>
                <When at={one.lastAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Listed>
      )}
      <Pager before={before} next={next} turn={setBefore} />
    </Stack>
  );
}
