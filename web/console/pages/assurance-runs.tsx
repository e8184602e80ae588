/** Runs: one that goes on, as it goes; those before it. */
import { Anchor, Button, Card, Group, Progress, Stack, Table, Text, Title } from '@mantine/core';
import type { ControlRun } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

const EVERY_MS = 2000;

export function AssuranceRunsPage() {
  const queries = useQueryClient();
  const mayRun = useWhoAmI().data?.actions.includes('assurance.run') === true;
  const runs = useQuery({ queryKey: ['assurance', 'runs'], queryFn: ({ signal }) => room.assurance.runs({ signal }), refetchInterval: EVERY_MS }); // prettier-ignore
  const begin = useMutation({ mutationFn: () => room.assurance.begin(), onSuccess: () => queries.invalidateQueries({ queryKey: ['assurance'] }) }); // prettier-ignore
  if (runs.isPending) return <Fetching what="runs" />;
  if (runs.isError) return <Problem error={runs.error} />;
  const going = runs.data.runs.find(({ state }) => state === 'running');
  const over = runs.data.runs.filter(({ state }) => state !== 'running');
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Runs
        </Title>
        {mayRun && going === undefined && (
          <Button loading={begin.isPending} onClick={() => begin.mutate()}>
            Run all tests
          </Button>
        )}
      </Group>
      {begin.isError && <Refused error={begin.error} again={() => begin.mutate()} />}
      {going !== undefined && <Going run={going} mayStop={mayRun} />}
      {over.length === 0 ? (
        <Card withBorder>
          <Empty title="No run has ended yet">
            All tests run each night.{mayRun ? ' Press “Run all tests” to run them now.' : ''}
          </Empty>
        </Card>
      ) : (
        <Listed title="Ended" head={['Began', 'Ended as', 'Passed', 'Failed', 'Unclear']} minWidth={760} stacks>
          {over.map(({ id, state, because, pass, fail, invalid, startedAt }) => (
            <Table.Tr key={id}>
              <Table.Th scope="row" fw={500} className="wrap">
                <Anchor component={Link} to={`/assurance/runs/${id}`} size="sm">
                  <When at={startedAt} />
                </Anchor>
                <Text size="xs" c="dimmed" className="mono wrap">
                  {id}
                </Text>
              </Table.Th>
              <Table.Td>
                {state}
                {because !== '' && `: ${because}`}
              </Table.Td>
              <Table.Td>{pass}</Table.Td>
              <Table.Td>{fail}</Table.Td>
              <Table.Td>{invalid}</Table.Td>
            </Table.Tr>
          ))}
        </Listed>
      )}
    </Stack>
  );
}

function Going({ run, mayStop }: { run: ControlRun; mayStop: boolean }) {
  const found = useQuery({ queryKey: ['assurance', 'run', run.id], queryFn: ({ signal }) => room.assurance.run(run.id, { signal }), refetchInterval: EVERY_MS }); // prettier-ignore
  const stop = useMutation({ mutationFn: () => room.assurance.stop(run.id) });
  const done = found.data?.results.length ?? 0;
  return (
    <Card withBorder>
      <Group justify="space-between">
        <Title order={2} size="h4">
          A run goes on
        </Title>
        {mayStop && (
          <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate()}>
            Stop it
          </Button>
        )}
      </Group>
      <Progress value={(100 * done) / Math.max(1, run.tests)} aria-label="tests that are done" my="sm" />
      <Text size="sm" role="status">
        {done} of {run.tests} tests. {found.data?.current ?? ''}
      </Text>
      {stop.isError && <Problem error={stop.error} />}
    </Card>
  );
}
