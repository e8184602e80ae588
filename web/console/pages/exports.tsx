/** Exports for analysis: what may leave and for whom, what left and how coarse it was, what was counted and what it cost. */
import { Alert, Badge, Card, Stack, Table, Text, Title } from '@mantine/core';
import type { ExportRun } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { useNames } from '../names.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { Counts } from './exports-counts.tsx';
import { Profiles } from './exports-profiles.tsx';
import { stepWords, useExportedTitles } from './exports-words.ts';

export function ExportsPage() {
  return (
    <Stack>
      <Title order={1} size="h2">
        Exports
      </Title>
      <Alert title="Two exports of the same people can tell more than either">
        The promise about groups holds for each file on its own. Give each recipient one profile, and prefer counts:
        what all answers together tell is bounded by their budget.
      </Alert>
      <Profiles />
      <Counts />
      <Runs />
    </Stack>
  );
}

const COLOURS: Readonly<Record<string, string>> = { sent: 'teal', refused: 'orange', cut: 'red' };

function Runs() {
  const nameOf = useNames();
  const found = useQuery({ queryKey: ['exports', 'runs'], queryFn: () => room.exports.runs() });
  return (
    <Card withBorder padding="xs" component="section" aria-label="what left">
      <Title order={2} size="h4" p="xs">
        What left
      </Title>
      {found.isPending && <Fetching what="runs" />}
      {found.isError && <Problem error={found.error} />}
      {found.data?.runs.length === 0 && (
        <Empty title="Nothing left yet">
          Run an approved profile of records above: each run is here with its report.
        </Empty>
      )}
      {found.data !== undefined && found.data.runs.length > 0 && (
        <Wide label="runs" minWidth={680} stacks>
          <Table>
            <Table.Caption>
              Newest first; numbers only. “Measured” is what was found in the lines that left.
            </Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Profile</Table.Th>
                <Table.Th>Began</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Records</Table.Th>
                <Table.Th>Coarse</Table.Th>
                <Table.Th>Measured</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.data.runs.map((run) => (
                <Row key={run.id} nameOf={nameOf} run={run} />
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Card>
  );
}

function Row({
  nameOf,
  run: { profile, name, recipient, requestedBy, begunAt, state, refused, report },
}: {
  nameOf: (id: string) => string;
  run: ExportRun;
}) {
  const titleOf = useExportedTitles();
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {name}
        <Text size="xs" c="dimmed">
          to {recipient}, by {nameOf(requestedBy)}
        </Text>
      </Table.Th>
      <Table.Td>
        <When at={begunAt} />
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={COLOURS[state] ?? 'blue'}>
          {state}
        </Badge>
        {refused !== null && <Text size="xs">{refused}</Text>}
      </Table.Td>
      {report === null ? (
        <Table.Td colSpan={3}>–</Table.Td>
      ) : (
        <>
          <Table.Td>
            {report.records - report.suppressed} of {report.records}
            <Text size="xs" c="dimmed">
              {report.suppressed} in groups too small
              {report.further > 0 && `, ${report.further} further ones of the same people`}
            </Text>
          </Table.Td>
          <Table.Td>
            {Object.entries(report.generalised).map(([field, step]) => (
              <Text key={field} size="xs">
                {titleOf({ profile }, field)}: {step === '*' ? 'left out' : stepWords(step)}
              </Text>
            ))}
          </Table.Td>
          <Table.Td>
            {report.measured === null
              ? 'not asked for'
              : `${report.measured.groups} ${report.measured.groups === 1 ? 'group' : 'groups'}, the smallest of ${report.measured.k} (k)`}
            {Object.entries(report.measured?.l ?? {}).map(([field, l]) => (
              <Text key={field} size="xs">
                at least {l} different {l === 1 ? 'value' : 'values'} of {titleOf({ profile }, field)} in each (l)
              </Text>
            ))}
          </Table.Td>
        </>
      )}
    </Table.Tr>
  );
}
