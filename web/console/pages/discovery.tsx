/** Discovery: what scans found in other databases and files, by source and class; of one of them where, how sure and why. */
import { Alert, Badge, Button, Card, Code, Group, List, Stack, Table, Text, Title } from '@mantine/core';
import type { KeptScan, KeptScans } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Bars } from '../../ui/bars.tsx';
import { counted } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { CLASS_COLOURS, CLASSES } from '../classes.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { Differences } from './discovery-differences.tsx';
import { FoundColumns } from './discovery-found.tsx';

type Listed = KeptScans['scans'][number];

export function DiscoveryPage() {
  const [chosen, setChosen] = useState<string | null>(null);
  const found = useQuery({ queryKey: ['scans'], queryFn: () => room.collection.scans() });
  const scans = found.data?.scans ?? [];
  const current = scans.filter((each) => each.current);
  const shown = chosen ?? current[0]?.id ?? null;
  return (
    <Stack>
      <Title order={1} size="h2">
        Discovery
      </Title>
      {found.isPending && <Fetching what="scans" />}
      {found.isError && <Problem error={found.error} />}
      {found.isSuccess && scans.length === 0 && (
        <Card withBorder>
          <Empty title="No scan was handed in">
            A scan looks for personal data where it should not be, or nobody knows of. It runs beside the database or
            file, and hands in names, counts and reasons, never a value:{' '}
            <Code>strongroom collection scan postgres://scan@db/shop --report</Code>
          </Empty>
        </Card>
      )}
      {scans.length > 0 && (
        <>
          <Plot current={current} />
          <Sources scans={scans} shown={shown} onShow={setChosen} />
          {shown !== null && <Scan id={shown} />}
        </>
      )}
    </Stack>
  );
}

function Plot({ current }: { current: readonly Listed[] }) {
  const columns = current.reduce((sum, each) => sum + each.columns, 0);
  const of = (name: string): number => current.reduce((sum, { found }) => sum + (found[name] ?? 0), 0);
  const personal = CLASSES.filter(
    (name) => of(name) > 0 || name === 'personal' || name === 'sensitive' || name === 'special',
  );
  return (
    <Card withBorder component="section" aria-label="found columns by class">
      <Title order={2} size="h5" mb="sm">
        Personal data is or may be in {CLASSES.reduce((sum, name) => sum + of(name), 0)} of {counted(columns, 'column')}{' '}
        of {counted(current.length, 'source')}
      </Title>
      <Bars
        label="found columns by class"
        unit="columns"
        bars={personal.map((name) => ({
          label: name,
          value: of(name),
          color: `var(--mantine-color-${CLASS_COLOURS[name] ?? 'gray'}-filled)`,
        }))}
      />
    </Card>
  );
}

function Sources({
  scans,
  shown,
  onShow,
}: {
  scans: readonly Listed[];
  shown: string | null;
  onShow: (id: string) => void;
}) {
  return (
    <Card withBorder padding="xs">
      <Wide label="scans" minWidth={680} stacks>
        <Table>
          <Table.Caption>
            newest first; differences are those of the newest of each source, from the catalogue that holds
          </Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Source</Table.Th>
              <Table.Th>Scanned</Table.Th>
              <Table.Th>Looked at</Table.Th>
              <Table.Th>Found</Table.Th>
              <Table.Th>Differences</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {scans.map((each) => (
              <Table.Tr key={each.id} aria-current={each.id === shown ? 'true' : undefined}>
                <Table.Th scope="row" fw={500}>
                  <Button
                    size="compact-sm"
                    h="auto"
                    mih={26}
                    maw="100%"
                    styles={{
                      inner: { minWidth: 0 },
                      label: {
                        whiteSpace: 'normal',
                        overflowWrap: 'break-word',
                        textAlign: 'start',
                        lineHeight: 1.4,
                        minWidth: 0,
                      },
                    }}
                    variant={each.id === shown ? 'light' : 'subtle'}
                    onClick={() => onShow(each.id)}
                  >
                    {each.source}
                  </Button>
                  <Text size="xs" c="dimmed">
                    {each.scope === null ? each.kind : `${each.kind}, ${each.scope} alone`}
                    {!each.current && ', an older one'}
                  </Text>
                </Table.Th>
                <Table.Td>
                  <When at={each.startedAt} />
                </Table.Td>
                <Table.Td>
                  {counted(each.columns, 'column')} in {counted(each.tables, 'table')}
                  {each.missing > 0 && (
                    <Text size="xs" c="red">
                      not whole: {each.missing} could not be read
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  {Object.entries(each.found)
                    .map(([name, count]) => `${count} ${name}`)
                    .join(', ') || 'nothing personal'}
                </Table.Td>
                <Table.Td>
                  {each.drift === null ? (
                    '–'
                  ) : (
                    <Badge variant="light" color={each.drift.open > 0 ? 'orange' : 'teal'}>
                      {each.drift.open} open
                    </Badge>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}

function Scan({ id }: { id: string }) {
  const found = useQuery({ queryKey: ['scans', id], queryFn: () => room.collection.scan(id) });
  if (found.isPending) return <Fetching what="the scan" />;
  if (found.isError) return <Problem error={found.error} />;
  return (
    <>
      <Next kept={found.data} />
      <Differences kept={found.data} />
      <FoundColumns kept={found.data} />
    </>
  );
}

/** What is to be done, in the order in which it helps. */
function Next({ kept: { scan, report, drifts } }: { kept: KeptScan }) {
  const open = drifts.filter(({ state }) => state === 'open');
  const many = (kind: string): number => open.filter((each) => each.kind === kind).length;
  const steps = [
    ...(report.missing.length > 0
      ? [`Scan it again: ${counted(report.missing.length, 'part')} of it could not be read, and what is in there is not known.`]
      : []),
    ...(many('undeclared') > 0
      ? [`${counted(many('undeclared'), 'column is', 'columns are')} not declared: declare each in the catalogue with its purpose, or have it deleted at the source.`]
      : []),
    ...(many('class') > 0 ? [`${counted(many('class'), 'field holds what is more sensitive than declared', 'fields hold what is more sensitive than declared')}: raise the class.`] : []),
    ...(many('type') > 0 ? [`${counted(many('type'), 'field is', 'fields are')} of another type than declared: correct the catalogue, or the source.`] : []),
    ...(many('absent') > 0 ? [`${counted(many('absent'), 'declared field is', 'declared fields are')} not there: change the catalogue, or say why.`] : []),
  ]; // prettier-ignore
  if (steps.length === 0 && report.warnings.length === 0)
    return (
      <Alert color="teal" title={`Nothing is open in ${scan.source}`}>
        Scan it again from a timer: a difference that comes back is shown here.
      </Alert>
    );
  return (
    <Alert color={steps.length > 0 ? 'orange' : 'blue'} title={`What to do next in ${scan.source}`}>
      <List size="sm">
        {steps.map((says) => (
          <List.Item key={says}>{says}</List.Item>
        ))}
        {report.warnings.slice(0, 20).map((says) => (
          <List.Item key={says}>{says}</List.Item>
        ))}
      </List>
      {report.missing.length > 0 && (
        <Group gap="xs" mt="xs">
          {report.missing.slice(0, 20).map(({ name, because }) => (
            <Text key={name} size="xs">
              {name}: {because}
            </Text>
          ))}
        </Group>
      )}
    </Alert>
  );
}
