/** Exercises as lines: those of one's roles, each with how one stands, and those that a lesson names. */
import { Alert, Anchor, Badge, Card, Group, List, Stack, Text, Title } from '@mantine/core';
import type { ExerciseLine } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useSession } from '../session.ts';
import { When } from '../when.tsx';

export const useExercises = () => useQuery({ queryKey: ['exercises'], queryFn: () => room.exercises.list() });

const STATES: Readonly<Record<ExerciseLine['state'], readonly [says: string, color: string]>> = {
  new: ['new', 'gray'], open: ['open', 'blue'], passed: ['passed', 'green'], failed: ['not passed yet', 'orange'],
}; // prettier-ignore
/** @param since the last try was not passed, and one before it was */
export const ExerciseBadge = ({ state, since }: Pick<ExerciseLine, 'state'> & { since?: 'failed' }) => (
  <Badge variant="light" color={since === undefined ? STATES[state][1] : 'gray'}>
    {since === undefined ? STATES[state][0] : 'passed before'}
  </Badge>
);

/** Those that one may begin: of the others the server says no. */
function useMine() {
  const [found, session] = [useExercises(), useSession()];
  const roles = new Set(['everyone', ...(session.data?.roles ?? [])]);
  const mine = (found.data?.exercises ?? []).filter(({ audience }) => audience.some((role) => roles.has(role)));
  return { found, mine };
}

export function ExerciseLines() {
  const { found, mine } = useMine();
  if (found.isError) return <Problem error={found.error} />;
  if (mine.length === 0) return null;
  return (
    <>
      <Title order={2} size="h3">
        Exercises
      </Title>
      <Text size="sm">
        In the real console, on customers that are made up for you, and graded by what the audit log says you did.
      </Text>
      {mine.map((line) => (
        <Line key={line.id} line={line} />
      ))}
    </>
  );
}

function Line({ line: { id, title, minutes, state, passedAt, waitsUntil } }: { line: ExerciseLine }) {
  return (
    <Card withBorder padding="xs">
      <Group justify="space-between" wrap="nowrap">
        <Stack gap={2}>
          <Anchor component={Link} to={`/exercises/${id}`} fw={500}>
            {title}
          </Anchor>
          <Text size="sm">
            {minutes} minutes
            {passedAt !== null && (
              <>
                , passed <When at={passedAt} />
              </>
            )}
            {waitsUntil !== null && (
              <>
                , again from <When at={waitsUntil} />
              </>
            )}
          </Text>
        </Stack>
        <ExerciseBadge state={state} />
      </Group>
    </Card>
  );
}

/** Below a lesson. @param needed without them the course is not passed */
export function Practise({ ids, needed }: { ids: readonly string[]; needed: readonly string[] }) {
  const lines = useMine().mine.filter(({ id }) => ids.includes(id));
  if (lines.length === 0) return null;
  const left = lines.filter(({ id, state }) => needed.includes(id) && state !== 'passed');
  return (
    <Alert title="Practise it">
      In the real console, on made-up customers:
      <List size="sm" mt={4}>
        {lines.map(({ id, title, minutes, state }) => (
          <List.Item key={id}>
            <Anchor underline="always" size="sm" component={Link} to={`/exercises/${id}`}>
              {title}
            </Anchor>
            , {minutes} minutes{state === 'passed' && ', passed'}
          </List.Item>
        ))}
      </List>
      {left.length > 0 && <Text size="sm">The course is passed with the questions and with {left.length === 1 ? 'this exercise' : 'these exercises'}.</Text>}
    </Alert>
  ); // prettier-ignore
}
