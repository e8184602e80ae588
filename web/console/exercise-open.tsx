/** An exercise that is open is said on every page but its own: what one does now counts for it. */
import { Button, Group, Paper, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { useTraining } from './training-due.tsx';

export function ExerciseOpen({ pathname }: { pathname: string }) {
  const { data } = useTraining();
  const exercise = data?.exercise ?? null;
  if (exercise === null || pathname === `/exercises/${exercise.id}`) return null;
  return (
    <Paper withBorder p="xs" mb="md" component="section" aria-label="your exercise">
      <Group justify="space-between" gap="xs">
        <Text size="sm" flex="1 1 240px">
          You practise: <b>{exercise.title}</b>.{' '}
          {data?.effect === 'denied'
            ? 'Its made-up customers are open to you, and no others.'
            : 'What you do is graded by the log.'}
        </Text>
        <Button size="compact-sm" variant="light" component={Link} to={`/exercises/${exercise.id}`}>
          To the task
        </Button>
      </Group>
    </Paper>
  );
}
