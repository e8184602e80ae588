/** One test by people from outside: what was agreed, their keys, what was noticed of them, and what they found. */
import { Alert, Anchor, Button, Card, FileInput, Group, List, Stack, Table, Text, Title } from '@mantine/core';
import type { WholeEngagement } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { counted } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { EngagementKey } from './assurance-engagement-key.tsx';
import { EngagementState, FoundRows } from './assurance-parts.tsx';
import { Refused } from './step-up.tsx';

export function AssuranceEngagementPage({ id }: { id: string }) {
  const actions = useWhoAmI().data?.actions ?? [];
  const found = useQuery({ queryKey: ['assurance', 'engagement', id], queryFn: ({ signal }) => room.assurance.engagement(id, { signal }) }); // prettier-ignore
  if (found.isPending) return <Fetching what="the test" />;
  // a key that is shown once stays where asking once more fails
  if (found.data === undefined) return <Problem error={found.error} />;
  const one = found.data;
  return (
    <Stack>
      {found.isError && <Problem error={found.error} />}
      <div>
        <Text component={Link} to="/assurance/engagements" size="sm" c="dimmed">
          ← Tests by others
        </Text>
        <Group justify="space-between">
          <Title order={1} size="h2" className="wrap">
            {one.title}
          </Title>
          <EngagementState of={one.state} />
        </Group>
      </div>
      <Agreed of={one} />
      {actions.includes('assurance.arm') && one.state !== 'over' && <Steps of={one} />}
      {actions.includes('assurance.arm') && one.state === 'running' && <EngagementKey of={one} />}
      <Noticed cases={one.cases} />
      {one.findings.length === 0 ? (
        <Card withBorder>
          <Empty title="They reported nothing yet">What they report becomes findings, retested like any other.</Empty>
        </Card>
      ) : (
        <FoundRows title={one.more ? 'What they found: the worst' : 'What they found'} findings={one.findings} />
      )}
      {actions.includes('findings.report') && one.approvedBy !== null && <Bring id={id} />}
      <Report id={id} />
    </Stack>
  );
}

function Agreed({ of: one }: { of: WholeEngagement }) {
  const nameOf = useDoers();
  const rows = [
    ['Who tests', one.tester],
    ['What they may try', one.scope],
    ['By which rules', one.rules],
    ['From which networks', one.sources.join(', ')],
    ['Proposed by', nameOf(one.proposedBy)],
    ['Approved by', one.approvedBy === null ? 'nobody yet' : nameOf(one.approvedBy)],
    ...(one.endedBy === null ? [] : [['Ended by', nameOf(one.endedBy)]]),
  ];
  return (
    <Card withBorder>
      <Table variant="vertical">
        <Table.Tbody>
          <Table.Tr>
            <Table.Th scope="row" w={170}>
              When
            </Table.Th>
            <Table.Td>
              <When at={one.startsAt} /> until <When at={one.until} />
            </Table.Td>
          </Table.Tr>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td className="wrap" style={{ whiteSpace: 'pre-wrap' }}>
                {value}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Steps({ of: { id, state, proposedBy } }: { of: WholeEngagement }) {
  const queries = useQueryClient();
  const isMine = useWhoAmI().data?.id === proposedBy;
  const step = useMutation({
    mutationFn: (verb: 'approve' | 'end') => (verb === 'approve' ? room.assurance.approveEngagement(id) : room.assurance.endEngagement(id)), // prettier-ignore
    onSuccess: () => queries.invalidateQueries({ queryKey: ['assurance'] }),
  });
  return (
    <>
      {state === 'proposed' && (
        <Alert title="It waits for somebody else">Whoever proposed it cannot approve it. Until it is approved there is no key.</Alert>
      )}
      <Group>
        {state === 'proposed' && (
          <Button loading={step.isPending} disabled={isMine} onClick={() => step.mutate('approve')}>
            Approve
          </Button>
        )}
        <Confirm label="End it" title="End this test?" onYes={() => step.mutate('end')}>
          Its keys end with it, and the persons who were made up for it are erased. It cannot be taken back; what they found
          stays, and can still be brought.
        </Confirm>
      </Group>
      {step.isError && <Refused error={step.error} again={() => step.reset()} />}
    </>
  ); // prettier-ignore
}

function Noticed({ cases }: { cases: readonly string[] }) {
  return (
    <Card withBorder>
      <Title order={2} size="h4">
        What was noticed of them
      </Title>
      {cases.length === 0 ? (
        <Empty title="Nothing yet">
          An alarm about their keys or addresses is raised as ever, and says whose test it is.
        </Empty>
      ) : (
        <List>
          {cases.map((each) => (
            <List.Item key={each}>
              <Anchor component={Link} to={`/traffic/cases/${each}`} size="sm" className="wrap" underline="always">
                {each}
              </Anchor>
            </List.Item>
          ))}
        </List>
      )}
    </Card>
  );
}

function Bring({ id }: { id: string }) {
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const bring = useMutation({
    mutationFn: async () => room.assurance.takeEngagementReport(id, new Uint8Array(await (file as File).arrayBuffer())),
    onSuccess: () => {
      setFile(null);
      return queries.invalidateQueries({ queryKey: ['assurance'] });
    },
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    bring.mutate();
  };
  return (
    <Card withBorder>
      <form onSubmit={send}>
        <Stack>
          <FileInput label="What they report" description="SARIF, CSV, or what a scanner wrote" value={file} onChange={setFile} clearable />
          {bring.isError && <Refused error={bring.error} again={() => bring.reset()} />}
          {bring.isSuccess && (
            <Alert color="teal" role="status" className="wrap">
              {counted(bring.data.findings, 'finding')}, {bring.data.opened} new
            </Alert>
          )}
          <Group justify="flex-end">
            <Button type="submit" disabled={file === null} loading={bring.isPending}>
              Take the report in
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  ); // prettier-ignore
}

function Report({ id }: { id: string }) {
  const make = useMutation({
    mutationFn: async () => {
      const made = await room.assurance.engagementReport(id);
      saveFile(`${id}.json`, new Blob([JSON.stringify(made, null, 1)], { type: 'application/json' }));
    },
  });
  return (
    <Group justify="flex-end">
      <Text size="sm">As it stands now, with a signature:</Text>
      <Button variant="default" loading={make.isPending} onClick={() => make.mutate()}>
        Download the report
      </Button>
      {make.isError && <Problem error={make.error} />}
    </Group>
  );
}
