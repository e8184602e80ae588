/** What a scan found: in which column, of which type and class, how sure, how often, and every reason with its weight. */
import { Badge, Card, Stack, Table, Text, Title } from '@mantine/core';
import type { KeptScan } from '@strongroom/sdk';

import { counted } from '../../ui/listed.tsx';
import { Empty } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { CLASS_COLOURS } from '../classes.ts';

type Column = KeptScan['report']['tables'][number]['columns'][number];
const SHOWN = 300;
/** How sure it is, in words: what is suggested is decided by a person. */
export const SURE: Readonly<Record<Column['level'], string>> = {
  certain: 'certain',
  suggest: 'likely',
  none: 'unlikely',
};
const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

export function FoundColumns({ kept: { scan, report } }: { kept: KeptScan }) {
  const found = report.tables.flatMap((table) =>
    table.columns
      .filter(({ type, inText }) => type !== null || inText.length > 0)
      .map((column) => ({ table: table.name, column })),
  );
  return (
    <Card withBorder padding="xs" component="section" aria-label="what was found">
      <Title order={2} size="h4" p="xs" style={{ overflowWrap: 'anywhere' }}>
        What was found in {scan.source}
      </Title>
      {found.length === 0 ? (
        <Empty title="Nothing personal was seen">
          {counted(scan.columns, 'column was', 'columns were')} looked at. A scan looks at samples: it finds, it does
          not prove that nothing is there.
        </Empty>
      ) : (
        <Wide label="found columns" minWidth={760} stacks>
          <Table>
            <Table.Caption>
              {found.length > SHOWN && `the first ${SHOWN} of ${found.length}; `}
              the weights of the reasons, log-odds in columns and points in texts, make the confidence: from 90 % on it
              is certain (in texts from 80 %), below that a person decides. How often: the share of the looked-at
              values, and where it lies with 95 %.
            </Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Where</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th>Class</Table.Th>
                <Table.Th>How sure</Table.Th>
                <Table.Th>How often</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.slice(0, SHOWN).map(({ table, column }) => (
                <Row key={`${table} ${column.name} ${column.type ?? ''}`} table={table} column={column} />
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Card>
  );
}

function Row({ table, column }: { table: string; column: Column }) {
  const { name, type, detail, level, confidence, prevalence, reasons, inText } = column;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {name}
        <Text size="xs" c="dimmed">
          {table}
        </Text>
      </Table.Th>
      <Table.Td>
        {type ?? 'in its texts'}
        {detail !== null && (
          <Text size="xs" c="dimmed">
            {detail}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {column.class !== null && (
          <Badge variant="light" color={CLASS_COLOURS[column.class] ?? 'gray'}>
            {column.class}
          </Badge>
        )}
      </Table.Td>
      <Table.Td>{type === null ? '–' : `${SURE[level]}, ${percent(confidence)}`}</Table.Td>
      <Table.Td>
        {prevalence === null ? '–' : `${percent(prevalence.share)} of ${prevalence.of}`}
        {prevalence !== null && (
          <Text size="xs" c="dimmed">
            {percent(prevalence.low)} to {percent(prevalence.high)}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Stack gap={2}>
          {reasons
            .filter(({ adds }) => adds !== 0)
            .map(({ says, adds }) => (
              <Text key={says} size="xs">
                {adds > 0 ? '+' : '−'}
                {Math.abs(adds).toFixed(1)} {says}
              </Text>
            ))}
          {inText.map((inside) => (
            <Text key={inside.type} size="xs">
              {inside.type} in {percent(inside.prevalence.share)} of {inside.prevalence.of} texts
            </Text>
          ))}
        </Stack>
      </Table.Td>
    </Table.Tr>
  );
}
