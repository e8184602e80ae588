/** One run: what each test said, and what that rests on. */
import { Alert, Anchor, Badge, Card, Code, Group, List, Modal, Stack, Table, Text, Title } from '@mantine/core';
import type { WholeRun } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { counted, Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';

type Result = WholeRun['results'][number];
const COLOURS = { pass: 'teal', fail: 'red', invalid: 'gray' } as const;
const WORDS = { pass: 'passed', fail: 'failed', invalid: 'unclear' } as const;
const EVERY_MS = 2000;
const ORDER = { fail: 0, invalid: 1, pass: 2 } as const;

export function AssuranceRunPage({ id }: { id: string }) {
  const [hash, setHash] = useState<string | null>(null);
  const found = useQuery({
    queryKey: ['assurance', 'run', id],
    queryFn: ({ signal }) => room.assurance.run(id, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? EVERY_MS : false),
  });
  const tests = useQuery({
    queryKey: ['assurance', 'tests'],
    queryFn: ({ signal }) => room.assurance.tests({ signal }),
  });
  const holds = new Map(tests.data?.tests.map((test) => [test.id, test.hypothesis]));
  const nameOf = useDoers();
  if (found.isPending) return <Fetching what="the run" />;
  if (found.isError) return <Problem error={found.error} />;
  const run = found.data;
  const goesOn = run.state === 'running';
  const results = run.results.toSorted((one, other) => ORDER[one.verdict] - ORDER[other.verdict] || (one.testId < other.testId ? -1 : 1)); // prettier-ignore
  return (
    <Stack>
      <div>
        <Text component={Link} to="/assurance/runs" size="sm" c="dimmed">
          ← Runs
        </Text>
        <Title order={1} size="h2">
          A run of control tests
        </Title>
      </div>
      <Text size="sm" className="wrap" component="div">
        {counted(run.tests, 'test')}: {run.pass} passed, {run.fail} failed, {run.invalid} unclear. Begun by {nameOf(run.askedBy)}, <When at={run.startedAt} />, with version {run.version}. <Text span size="xs" c="dimmed" className="mono">{run.id}</Text>
      </Text>
      {goesOn ? (
        <Text size="sm" role="status">
          It goes on: {results.length} of {counted(run.tests, 'test')} ended so far.
        </Text>
      ) : run.signature === null ? (
        <Alert color="orange" title="Nobody signed these results">
          They count for nothing. {run.because}
        </Alert>
      ) : (
        <Text size="sm" className="wrap">
          Signed by its runner, whose key the audit log named before the first test: <Code>{run.runnerKey}</Code>
        </Text>
      )}
      {results.length === 0 ? (
        <Card withBorder>
          {goesOn ? (
            <Empty title="No result yet">Its first test goes on.</Empty>
          ) : (
            <Empty title="No result">It ended before its first test did.</Empty>
          )}
        </Card>
      ) : (
        <Listed title="Results" head={['Test', 'Result', 'Prevented', 'Detected', 'Recorded', 'Why', 'Rests on']} minWidth={900} stacks>
          {results.map((each) => (
            <Row key={each.testId} of={each} holds={holds.get(each.testId)} onLook={setHash} />
          ))}
        </Listed>
      )}
      <Modal opened={hash !== null} onClose={() => setHash(null)} title="What a result rests on" size="xl" centered>
        {hash !== null && <EvidenceOf hash={hash} />}
      </Modal>
    </Stack>
  ); // prettier-ignore
}

const said = (answer: string): string => (answer === 'not-asked' ? '–' : answer);

function Row({ of: { testId, verdict, prevented, detected, recorded, because, evidence, requests }, holds, onLook }: { of: Result; holds: string | undefined; onLook: (hash: string) => void }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {testId}
        {holds !== undefined && (
          <Text size="xs" c="dimmed">
            {holds}
          </Text>
        )}
      </Table.Th>
      <Table.Td>
        <Badge variant="light" color={COLOURS[verdict]}>
          {WORDS[verdict]}
        </Badge>
      </Table.Td>
      <Table.Td>{said(prevented)}</Table.Td>
      <Table.Td>{said(detected)}</Table.Td>
      <Table.Td>{said(recorded)}</Table.Td>
      <Table.Td className="wrap">{because}</Table.Td>
      <Table.Td>
        {evidence.length === 0 && 'nothing'}
        {evidence.map((hash) => (
          <Anchor key={hash} component="button" type="button" size="sm" underline="always" ta="start" style={{ whiteSpace: 'nowrap' }} onClick={() => onLook(hash)} aria-label={`what ${testId} rests on`}>
            {requests === 0 ? 'what it saw' : counted(requests, 'request')}
          </Anchor>
        ))}
      </Table.Td>
    </Table.Tr>
  );
} // prettier-ignore

type Seen = Readonly<{ aspect: string; ok: boolean; because: string }>;

/** What was seen, then as it is kept, once its hash was seen to be its own here. */
function EvidenceOf({ hash }: { hash: string }) {
  const found = useQuery({
    queryKey: ['assurance', 'evidence', hash],
    queryFn: async ({ signal }) => {
      const bytes = await room.assurance.evidence(hash, { signal });
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
      const isIt = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('') === hash;
      const kept = JSON.parse(new TextDecoder().decode(bytes)) as Readonly<{ seen?: readonly Seen[] }>;
      return { text: JSON.stringify(kept, null, 2), seen: kept.seen ?? [], isIt };
    },
  });
  if (found.isPending) return <Fetching what="the evidence" />;
  if (found.isError) return <Problem error={found.error} />;
  return (
    <Stack>
      <Group>
        <Text size="sm" className="wrap">
          SHA-256 <Code>{hash}</Code>
        </Text>
        <Badge color={found.data.isIt ? 'teal' : 'red'}>
          {found.data.isIt ? 'these are its bytes' : 'these are not its bytes'}
        </Badge>
      </Group>
      <List size="sm" aria-label="what was seen">
        {found.data.seen.map(({ aspect, ok, because }, at) => (
          <List.Item key={at} className="wrap">
            {aspect}: {ok ? 'as it should be' : `not as it should be: ${because}`}
          </List.Item>
        ))}
      </List>
      <details>
        <Text component="summary" size="sm" mb="xs">
          All of it, as it is kept
        </Text>
        <Code block tabIndex={0} style={{ maxHeight: '60vh', overflow: 'auto' }}>
          {found.data.text}
        </Code>
      </details>
    </Stack>
  );
}
