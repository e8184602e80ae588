/** What the gate found in what came in, by day and field, and what it would have refused where it only looks. */
import { Alert, Anchor, Badge, Card, Group, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import uPlot from 'uplot';

import { counted } from '../../ui/listed.tsx';
import { Plot } from '../../ui/plot.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { placeOf } from '../../ui/time-axis.ts';
import { Wide } from '../../ui/wide.tsx';
import { useFieldTitles } from '../field-titles.ts';
import { room } from '../room.ts';
import { dayOf } from '../when.tsx';

const SAYS: Readonly<Record<string, string>> = {
  off: 'off: nothing is looked at', observe: 'observe: findings are counted, and all is stored as it came',
  warn: 'warn: it is stored, and whoever sent it is told', enforce: 'enforce: it is masked or refused',
}; // prettier-ignore
const MODES: Readonly<Record<string, string>> = { off: 'gray', observe: 'blue', warn: 'orange', enforce: 'teal' };

export function GatePage() {
  const [days, setDays] = useState('30');
  const report = useQuery({ queryKey: ['gate', days], queryFn: () => room.collection.gate(Number(days)) });
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Gate
        </Title>
        <SegmentedControl
          aria-label="how far back"
          value={days}
          onChange={setDays}
          data={['7', '30', '90'].map((each) => ({ value: each, label: `${each} days` }))}
        />
      </Group>
      {report.isPending && <Fetching what="what the gate found" />}
      {report.isError && <Problem error={report.error} />}
      {report.data !== undefined && (
        <>
          <Group gap="xs" role="list" aria-label="modes">
            {report.data.collections.map(({ name, title, mode }) => (
              <Badge key={name} variant="light" color={MODES[mode] ?? 'gray'} role="listitem">
                {title}: {mode}
              </Badge>
            ))}
          </Group>
          <Text size="sm">
            {[...new Set(report.data.collections.map(({ mode }) => mode))].map((mode) => `${SAYS[mode] ?? mode}. `)}
            <Anchor underline="always" size="sm" component={Link} to="/catalogue">
              The catalogue says which mode holds
            </Anchor>
          </Text>
          {report.data.wouldRefuse > 0 && (
            <Alert
              color="orange"
              title={`${counted(report.data.wouldRefuse, 'value')} passed that enforce would have masked or refused`}
            >
              Look at the fields below first. Then set <code>gate: enforce</code> for the collection, as a change of the
              catalogue.
            </Alert>
          )}
          {report.data.counts.length === 0 ? (
            <Card withBorder>
              <Empty title="Nothing was found">
                Since {dayOf(report.data.since)} nothing came in that the catalogue does not allow for.
              </Empty>
            </Card>
          ) : (
            <Findings report={report.data} />
          )}
        </>
      )}
    </Stack>
  );
}

function Findings({ report }: { report: Awaited<ReturnType<typeof room.collection.gate>> }) {
  const { collectionOf, fieldOf } = useFieldTitles();
  return (
    <>
      <Card withBorder component="section" aria-label="findings by day">
        <Title order={2} size="h5" mb="sm">
          Findings by day
        </Title>
        <Days since={report.since} found={report.days} />
      </Card>
      <Card withBorder padding="xs">
        <Wide label="findings" minWidth={640} stacks>
          <Table>
            <Table.Caption>since {dayOf(report.since)}; names and kinds only, no value is kept</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Field</Table.Th>
                <Table.Th>Found</Table.Th>
                <Table.Th>Came of it</Table.Th>
                <Table.Th>Enforce would</Table.Th>
                <Table.Th ta="right">Times</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {report.counts.map((one) => (
                <Table.Tr key={`${one.collection} ${one.field} ${one.finding} ${one.mode} ${one.outcome} ${one.would}`}>
                  <Table.Th scope="row" fw={500}>
                    {one.field === '-' ? 'not declared' : fieldOf(one.collection, one.field)}
                    <Text size="xs" c="dimmed">
                      {collectionOf(one.collection)}
                    </Text>
                  </Table.Th>
                  <Table.Td>{one.finding.replaceAll('-', ' ')}</Table.Td>
                  <Table.Td>
                    {one.outcome}
                    <Text size="xs" c="dimmed">
                      mode {one.mode}
                    </Text>
                  </Table.Td>
                  <Table.Td>{one.would}</Table.Td>
                  <Table.Td ta="right">{one.times}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      </Card>
    </>
  );
}

const DAY_MS = 86_400_000;
const BARS = uPlot.paths.bars === undefined ? {} : { paths: uPlot.paths.bars({ size: [0.7, 40] }) };

/** Every day of the time that is shown, those without a finding too. */
function Days({ since, found }: { since: string; found: readonly Readonly<{ day: string; would: number; did: number }>[] }) {
  const times = new Map(found.map(({ day, would, did }) => [day, would + did]));
  const first = Date.parse(since);
  const count = Math.floor((Date.now() - first) / DAY_MS) + 1;
  const days = Array.from({ length: count }, (_, n) => new Date(first + n * DAY_MS).toISOString().slice(0, 10));
  return (
    <Plot
      label="findings by day"
      height={180}
      drawn={JSON.stringify([since, found])}
      head={['Day', 'Times']}
      rows={found.map(({ day, would, did }) => [day, String(would + did)])}
      draw={({ ink, rule, blue }) => {
        const look = { stroke: ink, grid: { stroke: rule }, ticks: { stroke: rule } };
        return {
          scales: {
            x: { time: true, range: (_plot, low, high) => [low - DAY_MS / 2000, high + DAY_MS / 2000] },
            y: { range: (_plot, _low, high) => [0, Math.max(1, high)] },
          },
          axes: [look, { ...look, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000, 1_000_000] }],
          series: [{}, { fill: blue, ...BARS, points: { show: false } }],
          data: [days.map(placeOf), days.map((day) => times.get(day) ?? 0)],
        };
      }}
    />
  );
} // prettier-ignore
