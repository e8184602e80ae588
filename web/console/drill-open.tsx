/** A drill that runs is said on every page but its own: what comes of it is practice, and what is elsewhere is real. */
import { Button, Group, Paper, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { useTraining } from './training-due.tsx';

export function DrillOpen({ pathname }: { pathname: string }) {
  const drill = useTraining().data?.drill ?? null;
  if (drill === null || pathname === `/drills/${drill.id}`) return null;
  return (
    <Paper withBorder p="xs" mb="md" component="section" aria-label="your drill">
      <Group justify="space-between" gap="xs">
        <Text size="sm" flex="1 1 240px">
          <b>DRILL</b>: {drill.title} runs. This page is real.
        </Text>
        <Button size="compact-sm" color="grape" variant="light" component={Link} to={`/drills/${drill.id}`}>
          To the drill
        </Button>
      </Group>
    </Paper>
  );
}
