/** What has to go and when: due by month, plans and runs with their certificates, legal holds. */
import { Alert, Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { RetentionRun } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { Confirm } from '../../ui/confirm.tsx';
import { Months } from '../../ui/months.tsx';
import { counted } from '../../ui/listed.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { fellDueBefore } from '../fell-due.ts';
import { room } from '../room.ts';
import { useCatalog, useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Holds } from './holds.tsx';
import { Refused } from './step-up.tsx';

const UNDER_WAY = new Set(['planning', 'approved', 'running']);

export function RetentionPage() {
  const queries = useQueryClient();
  const actions = useWhoAmI().data?.actions ?? [];
  const status = useQuery({
    queryKey: ['retention'],
    queryFn: () => room.retention.status(),
    refetchInterval: ({ state }) => (UNDER_WAY.has(state.data?.run?.state ?? '') ? 1000 : false),
  });
  const again = () => queries.invalidateQueries({ queryKey: ['retention'] });
  const plan = useMutation({ mutationFn: () => room.retention.plan(), onSuccess: again });
  const prove = useMutation({ mutationFn: () => room.retention.prove(), onSuccess: again });
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Retention
        </Title>
        <Group>
          <Button variant="default" loading={prove.isPending} onClick={() => prove.mutate()}>
            Prove that nothing is left
          </Button>
          {actions.includes('retention.plan') && (
            <Button loading={plan.isPending} onClick={() => plan.mutate()}>
              Plan now
            </Button>
          )}
        </Group>
      </Group>
      {[plan, prove].map(
        (each, n) => each.isError && <Refused key={n} error={each.error} again={() => each.mutate()} />,
      )}
      {status.isPending && <Fetching what="retention" />}
      {status.isError && <Problem error={status.error} />}
      {status.isSuccess && (
        <>
          <Text size="sm">
            {status.data.settings.enforce
              ? `Enforced: what is due goes by itself, planned every ${counted(status.data.settings.everyHours, 'hour')}.`
              : 'Dry runs only: nothing goes before a plan is approved.'}{' '}
            Above {counted(status.data.settings.twoPeopleAbove, 'customer')} two people approve.
          </Text>
          {status.data.proof !== null && (
            <Alert
              color={status.data.proof.ok ? 'teal' : 'red'}
              title={
                status.data.proof.ok
                  ? 'Nothing is left that should have gone'
                  : 'Something is left that should have gone'
              }
            >
              Looked at <When at={status.data.proof.at} />: {counted(status.data.proof.records, 'record')};{' '}
              {status.data.proof.held} kept by a hold, {status.data.proof.restricted} by a restriction.
            </Alert>
          )}
          <Card withBorder>
            <Title order={2} size="h4">
              Falls due by month
            </Title>
            {Object.keys(status.data.upcoming).length === 0 ? (
              <Empty title="Nothing has a date yet">
                Periods begin at events: an account that is closed, a case that ended.
              </Empty>
            ) : (
              <>
                <Overdue counts={status.data.upcoming} />
                <Months label="values that fall due in a month" counts={status.data.upcoming} />
              </>
            )}
          </Card>
          <Waiting awaiting={status.data.awaiting} />
        </>
      )}
      <Runs mayApprove={actions.includes('retention.approve')} />
      <Holds actions={actions} />
    </Stack>
  );
}

/** In the plot, months that are over look like those that come. */
function Overdue({ counts }: { counts: Readonly<Record<string, number>> }) {
  const late = fellDueBefore(new Date(), counts);
  if (late === 0) return null;
  return (
    <Text size="sm" mb="xs">
      {counted(late, 'value')} fell due before this month, and {late === 1 ? 'is' : 'are'} still here.
    </Text>
  );
}

function Waiting({ awaiting }: { awaiting: Readonly<Record<string, number>> }) {
  const rows = Object.entries(awaiting).map(([name, count]) => ({ name: name.split(' '), count }));
  const [catalog, record] = [
    useCatalog(),
    useQuery({ queryKey: ['record of processing'], queryFn: () => room.collection.record() }),
  ];
  const events = new Map(
    record.data?.activities.flatMap(({ retention }) => retention.map(({ after, event }) => [after, event] as const)),
  );
  const titleOf = (collection = '', field = ''): string => {
    const spec = catalog.data?.collections.find(({ name }) => name === collection);
    return `${spec?.title ?? collection}: ${spec?.fields.find(({ name }) => name === field)?.title ?? field}`;
  };
  if (rows.length === 0) return null;
  return (
    <Card withBorder padding="xs">
      <Wide label="fields that wait for an event" minWidth={480} stacks>
        <Table>
          <Table.Caption>
            These have no date yet: their event has not happened. An event that nobody records never starts the clock.
          </Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Waits for</Table.Th>
              <Table.Th>Values</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ name: [collection, field, event], count }) => (
              <Table.Tr key={`${collection} ${field} ${event}`}>
                <Table.Th scope="row" fw={500}>
                  {titleOf(collection, field)}
                </Table.Th>
                <Table.Td>{events.get(event ?? '') ?? event}</Table.Td>
                <Table.Td>{count}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}

function Runs({ mayApprove }: { mayApprove: boolean }) {
  const runs = useQuery({
    queryKey: ['retention', 'runs'],
    queryFn: () => room.retention.runs(),
    refetchInterval: ({ state }) => (state.data?.runs.some((run) => UNDER_WAY.has(run.state)) === true ? 1000 : false),
  });
  return (
    <Card withBorder padding="xs">
      <Title order={2} size="h4" p="xs">
        Plans and runs
      </Title>
      {runs.isError && <Problem error={runs.error} />}
      {runs.data?.runs.length === 0 && <Empty title="Nothing was planned yet" />}
      {runs.data !== undefined && runs.data.runs.length > 0 && (
        <Wide label="plans and runs" minWidth={760} stacks>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Planned</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Plan</Table.Th>
                <Table.Th>Done</Table.Th>
                <Table.Th>What to do</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {runs.data.runs.map((run) => (
                <Table.Tr key={run.id}>
                  <Table.Th scope="row" fw={500}>
                    <When at={run.createdAt} />
                  </Table.Th>
                  <Table.Td>
                    <Badge
                      variant="light"
                      color={run.state === 'refused' ? 'red' : run.state === 'planned' ? 'orange' : 'gray'}
                    >
                      {run.state}
                    </Badge>
                    {run.refused !== null && <Text size="xs">because of: {run.refused}</Text>}
                  </Table.Td>
                  <Table.Td>
                    {counted(run.plan.subjects, 'customer')}, {counted(run.plan.records, 'record')}, {run.plan.held}{' '}
                    held
                    <Counts of={run.plan.counts} />
                  </Table.Td>
                  <Table.Td>{Object.keys(run.done).length === 0 ? '–' : <Counts of={run.done} />}</Table.Td>
                  <Table.Td>
                    {run.state === 'planned' && mayApprove ? (
                      <Approve run={run} />
                    ) : (
                      run.certificate && <Certificate id={run.id} />
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Card>
  );
}

const FATES: Readonly<Record<string, string>> = {
  erase: 'erased',
  coarsen: 'made coarser',
  stop: 'no longer used',
};

/** "customer erase last_name" → 2 × Last name erased; "customer stop": of whole records. */
function Counts({ of }: { of: Readonly<Record<string, number>> }) {
  const catalog = useCatalog();
  return Object.entries(of).map(([key, count]) => {
    const [name = '', fate = '', field] = key.split(' ');
    const spec = catalog.data?.collections.find((each) => each.name === name);
    const title = spec?.fields.find((each) => each.name === field)?.title ?? field;
    return (
      <Text key={key} size="xs" c="dimmed">
        {spec?.title ?? name}: {count.toLocaleString()} × {title === undefined ? '' : `${title} `}
        {FATES[fate] ?? fate}
      </Text>
    );
  });
}

function Approve({ run }: { run: RetentionRun }) {
  const queries = useQueryClient();
  const approve = useMutation({
    mutationFn: () => room.retention.approve(run.id, run.planHash),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['retention'] }),
  });
  return (
    <>
      <Text size="xs">
        {run.approvedBy.length} of {counted(run.needed, 'approval')}
      </Text>
      <Confirm
        label="Approve"
        name={`Approve the plan of ${run.createdAt}`}
        size="compact-sm"
        title="Delete what is due?"
        onYes={() => approve.mutate()}
      >
        {counted(run.plan.records, 'record')} of {counted(run.plan.subjects, 'customer')}, exactly as planned. What was
        deleted cannot be brought back.
      </Confirm>
      {approve.isError && <Refused error={approve.error} again={() => approve.mutate()} />}
    </>
  );
}

/** A file to keep: the signed text, for who checks it without this system. */
function Certificate({ id }: { id: string }) {
  const fetched = useMutation({
    mutationFn: () => room.retention.certificate(id),
    onSuccess: ({ certificate }) => saveFile(`${id}.txt`, new Blob([certificate], { type: 'text/plain' })),
  });
  return (
    <>
      <Button size="compact-sm" variant="default" loading={fetched.isPending} onClick={() => fetched.mutate()}>
        Certificate
      </Button>
      {fetched.isError && <Problem error={fetched.error} />}
    </>
  );
}
