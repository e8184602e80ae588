/** What the gate found in what came in, by day and field, and what it would have refused where it only looks. */
import { Alert, Badge, Card, Group, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Bars } from '../../ui/bars.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';

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
          {report.data.wouldRefuse > 0 && (
            <Alert
              color="orange"
              title={`${report.data.wouldRefuse} values passed that enforce would have masked or refused`}
            >
              Look at the fields below first. Then set <code>gate: enforce</code> for the collection, as a change of the
              catalogue.
            </Alert>
          )}
          {report.data.counts.length === 0 ? (
            <Empty title="Nothing was found">
              Since {report.data.since} nothing came in that the catalogue does not allow for.
            </Empty>
          ) : (
            <Findings report={report.data} />
          )}
        </>
      )}
    </Stack>
  );
}

function Findings({ report }: { report: Awaited<ReturnType<typeof room.collection.gate>> }) {
  return (
    <>
      <Card withBorder component="section" aria-label="findings by day">
        <Title order={2} size="h5" mb="sm">
          Findings by day
        </Title>
        <Bars
          label="findings by day"
          unit="times"
          bars={report.days.slice(-14).map(({ day, would, did }) => ({ label: day, value: would + did }))}
        />
      </Card>
      <Card withBorder padding="xs">
        <Wide label="findings" minWidth={640}>
          <Table>
            <Table.Caption>since {report.since}; names and kinds only, no value is kept</Table.Caption>
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
                    {one.field === '-' ? 'not declared' : one.field}
                    <Text size="xs" c="dimmed">
                      {one.collection}
                    </Text>
                  </Table.Th>
                  <Table.Td>{one.finding}</Table.Td>
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
