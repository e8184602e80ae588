/** The newest entries of the log; each can be proven here, by this browser, from the signed root alone. */
import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Code,
  Drawer,
  Group,
  List,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { verifyProof, type AuditEntry } from '@strongroom/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { published } from '../published.ts';
import { useDoers } from '../names.ts';
import { usePurposes } from '../purposes.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';

const PAGE = 50;
const COLOURS = { done: 'teal', denied: 'orange', failed: 'red' } as const;

export function AuditPage() {
  const [from, setFrom] = useState<number | null>(null);
  const [open, setOpen] = useState<number | null>(null);
  const [nameOf, purposeOf] = [useDoers(), usePurposes()];
  const page = useQuery({
    queryKey: ['audit', from],
    queryFn: ({ signal }) => room.audit.entries({ ...(from === null ? {} : { from }), limit: PAGE }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (page.isPending) return <Fetching what="the log" />;
  if (page.isError) return <Problem error={page.error} />;
  const { size, entries } = page.data;
  const first = entries[0]?.index ?? 0;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Audit log
        </Title>
        <Group gap="xs">
          <Button variant="default" disabled={first === 0} onClick={() => setFrom(Math.max(0, first - PAGE))}>
            Older
          </Button>
          <Button
            variant="default"
            disabled={from === null}
            onClick={() => setFrom(first + PAGE >= size - PAGE ? null : first + PAGE)}
          >
            Newer
          </Button>
          <Button variant="light" onClick={() => void page.refetch()}>
            Refresh
          </Button>
        </Group>
      </Group>
      {entries.length === 0 ? (
        <Empty title="There is no entry yet">The first read or change makes one.</Empty>
      ) : (
        <Card withBorder padding="xs">
          <Wide label="entries of the log" minWidth={860} stacks>
            <Table highlightOnHover verticalSpacing={4}>
              <Table.Caption>
                entries {first} to {entries.at(-1)?.index} of {size}; reading them is an entry itself
              </Table.Caption>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Entry</Table.Th>
                  <Table.Th>What</Table.Th>
                  <Table.Th>When</Table.Th>
                  <Table.Th>Who</Table.Th>
                  <Table.Th>Purpose</Table.Th>
                  <Table.Th>Outcome</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {entries.toReversed().map(({ index, entry }) => (
                  <Table.Tr key={index}>
                    <Table.Td>
                      <Anchor
                        component="button"
                        type="button"
                        size="sm"
                        aria-label={`entry ${index}`}
                        onClick={() => setOpen(index)}
                      >
                        {index}
                      </Anchor>
                    </Table.Td>
                    {entry === null ? (
                      <Table.Td colSpan={5}>
                        <Badge color="red">changed</Badge> These bytes are not what was written. Run{' '}
                        <Code>strongroom audit verify</Code>.
                      </Table.Td>
                    ) : (
                      <>
                        <Table.Td>{entry.action}</Table.Td>
                        <Table.Td>
                          <When at={entry.ts} />
                        </Table.Td>
                        <Table.Td className="wrap">{whoOf(nameOf, entry.actor)}</Table.Td>
                        <Table.Td>
                          {entry.purpose === null || entry.purpose === undefined ? '–' : purposeOf(entry.purpose)}
                        </Table.Td>
                        <Table.Td>
                          <Badge size="sm" variant="light" color={COLOURS[entry.outcome]}>
                            {entry.outcome}
                          </Badge>
                        </Table.Td>
                      </>
                    )}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      <Drawer opened={open !== null} onClose={() => setOpen(null)} position="right" size="lg" title={`Entry ${open}`}>
        {open !== null && <EntryDetails index={open} entry={entries.find((each) => each.index === open)?.entry} />}
      </Drawer>
    </Stack>
  );
}

/** Somebody, and in which role: one person may have several. */
const whoOf = (nameOf: (id: string) => string, { id, role }: AuditEntry['actor']): string =>
  role === undefined || role === null ? nameOf(id) : `${nameOf(id)}, as ${role}`;

/** Tags of thousands of records are of use to a verifier only. */
const shortened = (_name: string, value: unknown): unknown =>
  typeof value === 'string' && value.length > 200 ? `${value.slice(0, 40)}… (${value.length} characters)` : value;

function InWords({ entry: { action, actor, ts, purpose, outcome } }: { entry: AuditEntry }) {
  const [nameOf, purposeOf] = [useDoers(), usePurposes()];
  const rows: readonly (readonly [string, ReactNode])[] = [
    ['Who', whoOf(nameOf, actor)],
    ['What', action],
    ['When', <When key="when" at={ts} />],
    ['Purpose', purpose === null || purpose === undefined ? 'none' : purposeOf(purpose)],
    ['Outcome', outcome],
  ];
  return (
    <Table variant="vertical">
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w={110}>
              {name}
            </Table.Th>
            <Table.Td className="wrap">{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function EntryDetails({ index, entry }: { index: number; entry: AuditEntry | null | undefined }) {
  const prove = useMutation({
    mutationFn: async () =>
      verifyProof(await published(() => room.audit.entryProof(index)), await room.audit.key(), index),
  });
  const shown = (prove.data?.entry as AuditEntry | undefined) ?? entry;
  return (
    <Stack>
      {shown !== null && shown !== undefined && <InWords entry={shown} />}
      <details open={prove.isSuccess}>
        <Text component="summary" size="sm" mb="xs">
          As it is written in the log
        </Text>
        <Code block className="wrap" tabIndex={0} aria-label="the entry">
          {JSON.stringify(shown, shortened, 2)}
        </Code>
      </details>
      <Button onClick={() => prove.mutate()} loading={prove.isPending}>
        Prove that it is in the log
      </Button>
      {prove.isError && <Problem error={prove.error} />}
      {prove.data !== undefined && (
        <Alert color="teal" icon={<IconCheck aria-hidden />} title="It is in the log" role="status">
          <List size="sm">
            <List.Item>This browser hashed the entry above and its neighbours up to the root of the tree.</List.Item>
            <List.Item className="wrap">
              Root of {prove.data.size} entries: <Code>{prove.data.root}</Code>
            </List.Item>
            <List.Item className="wrap">The signature of {prove.data.origin} over it holds.</List.Item>
          </List>
          <Text size="sm" mt="xs">
            The key came from this server. An auditor has it from elsewhere: <Code>strongroom audit verify --key</Code>.
          </Text>
        </Alert>
      )}
    </Stack>
  );
}
