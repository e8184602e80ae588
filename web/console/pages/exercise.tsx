/** One exercise: the task, what the log shows so far, and what came of it. */
import { Alert, Anchor, Button, Card, Group, List, Stack, Table, Text, Title } from '@mantine/core';
import { IconCheck, IconCircleDashed, IconX } from '@tabler/icons-react';
import type { Exercise, HandedInExercise } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { ExerciseBadge } from './exercise-lines.tsx';

const LOOK_AGAIN_MS = 4000;

export function ExercisePage({ exercise: id }: { exercise: string }) {
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ['exercise', id],
    queryFn: () => room.exercises.get(id),
    refetchInterval: ({ state }) => ((state.data?.try ?? null) === null ? false : LOOK_AGAIN_MS),
  });
  // what one may see is another thing from now on, on all pages
  const changed = { onSettled: () => queries.invalidateQueries() };
  const begin = useMutation({ mutationFn: () => room.exercises.begin(id), ...changed });
  const handIn = useMutation({ mutationFn: (open: string) => room.exercises.handIn(open), ...changed });
  const giveUp = useMutation({ mutationFn: (open: string) => room.exercises.giveUp(open), ...changed });
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined) return <Fetching what="the exercise" />;
  const { title, minutes, brief, state, waitsUntil, try: open, last } = found.data;
  const failed = [begin, handIn, giveUp].find(({ isError }) => isError);
  return (
    <Stack maw={720}>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {title}
        </Title>
        <ExerciseBadge
          state={state}
          {...(state === 'passed' && open === null && last?.verdict === 'failed' ? { since: 'failed' } : {})}
        />
      </Group>
      <Card withBorder component="section" aria-label="the task">
        <Text>{brief}</Text>
        {open !== null && <Planted lines={open.planted} />}
      </Card>
      {open === null ? (
        <>
          {last !== null && <Result told={last} verdict={last.verdict} />}
          <Text size="sm">
            About {minutes} minutes. Its customers are made up, open to you alone until you hand it in, and gone then.
            What counts is what the audit log says you did. Each try lasts two hours; you have three, then a day’s wait.
          </Text>
          {waitsUntil !== null && (
            <Alert color="orange" title="Three tries are over">
              The next one is from <When at={waitsUntil} /> on. Read how it is done meanwhile.
            </Alert>
          )}
          <Group>
            <Button loading={begin.isPending} disabled={waitsUntil !== null} onClick={() => begin.mutate()}>
              {last === null ? 'Begin' : 'Begin again'}
            </Button>
            <Anchor underline="always" size="sm" component={Link} to="/learn">
              Learn and sign
            </Anchor>
          </Group>
        </>
      ) : (
        <>
          <SoFar open={open} />
          {handIn.data?.verdict === 'not-yet' && <Result told={handIn.data} verdict="not-yet" />}
          <Places reports={open.reports} />
          <Group>
            <Button loading={handIn.isPending} onClick={() => handIn.mutate(open.id)}>
              Hand it in
            </Button>
            <Button variant="default" loading={giveUp.isPending} onClick={() => giveUp.mutate(open.id)}>
              Give up
            </Button>
          </Group>
        </>
      )}
      {failed !== undefined && <Problem error={failed.error} />}
    </Stack>
  );
}

const PLACES = [
  ['records.search', '/', 'Customers'],
  ['rights.read', '/privacy', 'Customers’ requests'],
  ['grants.approve', '/requests', 'Access for a time'],
] as const;

/** Where it is done: what the role opens at all, so that it tells nothing of the answer. */
function Places({ reports }: { reports: boolean }) {
  const actions = useWhoAmI().data?.actions ?? [];
  return (
    <Group component="nav" aria-label="where it is done">
      {PLACES.filter(([action]) => actions.includes(action)).map(([, to, label]) => (
        <Button key={to} component={Link} to={to} variant="light">
          Go to {label}
        </Button>
      ))}
      {reports && (
        <Button component={Link} to="/report" variant="light">
          Report something
        </Button>
      )}
    </Group>
  );
}

type Open = NonNullable<Exercise['try']>;

function SoFar({ open: { says, lines, role, endsAt } }: { open: Open }) {
  return (
    <Card withBorder component="section" aria-label="what the log shows">
      <Stack gap="xs">
        <Title order={2} size="h4">
          What the log shows so far
        </Title>
        <Text size="sm" role="status">
          {says}
        </Text>
        <Lines lines={lines} />
        <Text size="sm" c="dimmed">
          You practise in the role {role}, until <When at={endsAt} />.
        </Text>
      </Stack>
    </Card>
  );
}

const ICONS = { right: IconCheck, wrong: IconX, missing: IconCircleDashed } as const;
const SAYS = { right: 'done', wrong: 'what should not be', missing: 'missing' } as const;

function Lines({ lines }: Pick<HandedInExercise, 'lines'>) {
  return (
    <List size="sm" spacing="xs" styles={{ itemWrapper: { alignItems: 'flex-start' } }}>
      {lines.map(({ kind, says, entry, hint }) => {
        const Icon = ICONS[kind];
        return (
          <List.Item key={`${kind} ${says}`} icon={<Icon size={18} role="img" aria-label={SAYS[kind]} />}>
            {says}
            {entry !== undefined && ` (entry ${entry} of the audit log)`}
            {hint !== undefined && (
              <Text size="sm" c="dimmed">
                {hint}
              </Text>
            )}
          </List.Item>
        );
      })}
    </List>
  );
}

const VERDICTS = { passed: ['green', 'Passed'], failed: ['red', 'Not passed'], 'not-yet': ['orange', 'Not yet: go on'] } as const; // prettier-ignore

function Result({ told: { says, lines }, verdict }: { told: Pick<HandedInExercise, 'says' | 'lines'>; verdict: keyof typeof VERDICTS }) {
  const [color, title] = VERDICTS[verdict];
  return (
    <Alert color={color} title={title} role="status">
      <Stack gap="xs">
        <Text size="sm">{says}</Text>
        <Lines lines={lines} />
      </Stack>
    </Alert>
  );
} // prettier-ignore

function Planted({ lines }: { lines: Open['planted'] }) {
  if (lines.length === 0) return null;
  return (
    <Wide label="lines that were made up for it" minWidth={460} stacks>
      <Table mt="sm">
        <Table.Caption>Made up for you: in the log these lines say so.</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>At</Table.Th>
            <Table.Th>Records</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>Who</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map(({ name, at, records, what, who }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={500}>
                {at}
              </Table.Th>
              <Table.Td>{records.toLocaleString()}</Table.Td>
              <Table.Td className="wrap">{what}</Table.Td>
              <Table.Td className="wrap">{who}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
