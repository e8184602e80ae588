/** Posture: of each practice what is proven, when, by which test; how it went by day; what is due next. */
import { Alert, Anchor, Card, Group, SegmentedControl, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import type { ControlTest, Posture } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { counted, Listed } from '../../ui/listed.tsx';
import { Plot, type Inks } from '../../ui/plot.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { placeOf } from '../../ui/time-axis.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { HowBad, Stands } from './assurance-parts.tsx';

const EVERY_MS = 10_000;

export function AssurancePage() {
  const posture = useQuery({ queryKey: ['assurance', 'posture'], queryFn: ({ signal }) => room.assurance.posture({ signal }), refetchInterval: EVERY_MS }); // prettier-ignore
  const tests = useQuery({ queryKey: ['assurance', 'tests'], queryFn: ({ signal }) => room.assurance.tests({ signal }), refetchInterval: EVERY_MS }); // prettier-ignore
  if (posture.isPending) return <Fetching what="posture" />;
  if (posture.isError) return <Problem error={posture.error} />;
  const { practices, trend, killRate, findings, switch: off, armed } = posture.data;
  return (
    <Stack>
      <Title order={1} size="h2">
        Posture
      </Title>
      <Text size="sm">
        Proven is what each of its tests passed lately, in a run that was signed, with what it rests on. Everything else
        is unknown: nothing is green because nobody looked.
      </Text>
      {off.pulled && (
        <Alert color="red" icon={<IconPlayerStop aria-hidden />} title="Tests are switched off">
          {off.reason}
        </Alert>
      )}
      {armed.length === 0 && (
        <Alert title="Attacks are not armed">
          Tests that attack run where two people let them: one proposes it, somebody else approves it.{' '}
          <Anchor component={Link} to="/assurance/arming" size="sm" underline="always">
            Arming
          </Anchor>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} role="list" aria-label="practices">
        {practices.map((each) => (
          <Practice key={each.practice} {...each} />
        ))}
      </SimpleGrid>
      <Trend trend={trend} />
      <Text size="sm">
        {killRate === null
          ? 'Which planted faults the tests find was not measured with this build.'
          : `Measured when this build was made: ${killRate.killed} of ${counted(killRate.mutants, 'planted fault')} ${killRate.mutants === 1 ? 'was' : 'were'} found by these tests.`}{' '}
        Findings: {findings.open} open, {findings.overdue} overdue, {findings.accepted} accepted.
      </Text>
      <Next next={findings.next} />
      {tests.isError && <Problem error={tests.error} />}
      {tests.data !== undefined && <Tests tests={tests.data.tests} />}
    </Stack>
  );
}

function Practice({ practice, state, proven, failed, unknown, provenAt }: Posture['practices'][number]) {
  return (
    <Card withBorder role="listitem">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600} tt="capitalize">
          {practice}
        </Text>
        <Stands of={state} />
      </Group>
      <Text size="sm">
        {proven} proven, {failed} failed, {unknown} unknown
      </Text>
      <Text size="sm" c="dimmed" component="div">
        {provenAt === null ? 'nothing is proven' : <>since <When at={provenAt} /></>}
      </Text>
    </Card>
  ); // prettier-ignore
}

function Trend({ trend }: { trend: Posture['trend'] }) {
  if (trend.length < 2)
    return (
      <Card withBorder>
        <Empty title="No trend yet">A line is drawn when tests ran on two days.</Empty>
      </Card>
    );
  const days = trend.map(({ day }) => placeOf(day));
  const line = (label: string, stroke: string) => ({ label, stroke, width: 2, points: { show: true } });
  return (
    <Card withBorder>
      <Title order={2} size="h4">
        Tests by day
      </Title>
      <Plot
        label="Tests by day"
        height={200}
        drawn={JSON.stringify(trend)}
        draw={({ teal, red, ink, rule }: Inks) => {
          const look = { stroke: ink, grid: { stroke: rule }, ticks: { stroke: rule } };
          return {
            series: [{}, line('passed', teal), line('failed', red), line('unclear', ink)],
            axes: [look, look],
            scales: { x: { time: true } },
            data: [days, trend.map(({ pass }) => pass), trend.map(({ fail }) => fail), trend.map(({ invalid }) => invalid)],
          };
        }}
        head={['Day', 'Passed', 'Failed', 'Unclear']}
        rows={trend.map(({ day, pass, fail, invalid }) => [day, String(pass), String(fail), String(invalid)])}
      />
      <Text size="sm" c="dimmed">
        Teal passed, red failed, grey could not tell.
      </Text>
    </Card>
  ); // prettier-ignore
}

function Next({ next }: { next: Posture['findings']['next'] }) {
  if (next.length === 0)
    return (
      <Card withBorder>
        <Empty title="No finding is open">A test that fails, a scanner or an advisory opens one.</Empty>
      </Card>
    );
  return (
    <Listed title="Due next" head={['Finding', 'How bad', 'Due']} stacks>
      {next.map(({ id, title, severity, dueAt, overdue }) => (
        <Table.Tr key={id}>
          <Table.Th scope="row" fw={500}>
            <Anchor component={Link} to={`/assurance/findings/${id}`} size="sm">
              {title}
            </Anchor>
          </Table.Th>
          <Table.Td>
            <HowBad of={severity} />
          </Table.Td>
          <Table.Td>
            {overdue && 'overdue since '}
            <When at={dueAt} />
          </Table.Td>
        </Table.Tr>
      ))}
    </Listed>
  );
}

const ORDER = { failed: 0, unknown: 1, proven: 2 } as const;

function Tests({ tests }: { tests: readonly ControlTest[] }) {
  const [chosen, setChosen] = useState<string>('all');
  const sorted = tests.toSorted((one, other) => ORDER[one.state] - ORDER[other.state] || (one.id < other.id ? -1 : 1));
  const by = Object.groupBy(sorted, ({ state }) => state);
  // one may have passed since: then all are shown again, and not an empty list
  const shown = by[chosen as ControlTest['state']] ?? sorted;
  const choices = Object.entries(by).map(([value, { length }]) => ({ value, label: `${value} ${length}` }));
  const choose = (
    <SegmentedControl
      size="xs"
      aria-label="which control tests"
      value={shown === sorted ? 'all' : chosen}
      onChange={setChosen}
      data={[{ value: 'all', label: `all ${tests.length}` }, ...choices]}
    />
  );
  return (
    <Listed title={counted(tests.length, 'control test')} head={['Test', 'Stands', 'What holds where it passes', 'Last']} minWidth={760} stacks aside={choose}>
      {shown.map(({ id, state, hypothesis, because, at }) => (
        <Table.Tr key={id}>
          <Table.Th scope="row" fw={500} style={{ whiteSpace: 'nowrap' }}>
            {id}
          </Table.Th>
          <Table.Td>
            <Stands of={state} />
          </Table.Td>
          <Table.Td>
            {hypothesis}
            {state !== 'proven' && (
              <Text size="sm" c="dimmed">
                {because}
              </Text>
            )}
          </Table.Td>
          <Table.Td>{at === null ? 'never' : <When at={at} />}</Table.Td>
        </Table.Tr>
      ))}
    </Listed>
  ); // prettier-ignore
}
