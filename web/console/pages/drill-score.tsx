/** How a drill went: points, minutes to each decision, and how exactly the log was asked. */
import { Alert, Badge, Box, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { IncidentDrill } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';

import { Bars } from '../../ui/bars.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { percent, soon } from './drill-parts.tsx';

type Scored = NonNullable<IncidentDrill['score']>;

export function Score({ drill, score }: { drill: IncidentDrill; score: Scored }) {
  const { passed, total, decisions, scope } = score;
  const report = useMutation({
    mutationFn: () => room.incidentDrills.report(drill.id),
    onSuccess: ({ name, text }) => saveFile(name, new Blob([text], { type: 'text/markdown' })),
  });
  return (
    <Card withBorder padding="sm" component="section" aria-label="the score">
      <Stack gap="sm">
        <Alert color={passed ? 'green' : 'red'} title={passed ? 'Passed' : 'Not passed'} role="status">
          {percent(total)} of the points; {percent(drill.passes)} were asked for.
        </Alert>
        <Title order={2} size="h4">
          Each decision, and how long it took
        </Title>
        <Listing
          decisions={decisions}
          asks={new Map(drill.injects.map(({ id, decide }) => [id, decide?.asks ?? id]))}
        />
        {scope !== null && (
          <>
            <Title order={2} size="h4">
              Whom it concerned
            </Title>
            <Text size="sm">
              {scope.found} found, {scope.concerned} concerned, {scope.hit} in both. Precision: how many of those found
              were concerned. Recall: how many of those concerned were found.
            </Text>
            <Bars
              label="how exactly the log was asked"
              unit="%"
              of={100}
              bars={[
                { label: 'precision', value: Math.round(scope.precision * 100) },
                { label: 'recall', value: Math.round(scope.recall * 100) },
              ]}
            />
          </>
        )}
        <Group>
          <Button variant="default" loading={report.isPending} onClick={() => report.mutate()}>
            After-action report
          </Button>
        </Group>
        {report.isError && <Problem error={report.error} />}
      </Stack>
    </Card>
  );
}

function Listing({ decisions, asks }: { decisions: Scored['decisions']; asks: ReadonlyMap<string, string> }) {
  const most = Math.max(...decisions.map(({ minutes }) => minutes ?? 0), 1 / 60);
  return (
    <Stack gap="xs" role="list" aria-label="minutes to each decision">
      {decisions.map(({ inject, minutes, right, late }) => {
        const [says, color] = minutes === null ? ['nobody decided', 'red'] : right ? (late ? ['right, and late', 'yellow'] : ['right', 'green']) : ['not the best', 'red'];
        return (
          <div key={inject} role="listitem">
            <Group gap="xs" justify="space-between" mb={4}>
              <Text size="sm">{asks.get(inject) ?? inject}</Text>
              <Group gap="xs">
                <Badge variant="light" color={color}>
                  {says}
                </Badge>
                {minutes !== null && <Text size="sm">after {soon(minutes)}</Text>}
              </Group>
            </Group>
            <Box bg="var(--mantine-color-default-border)" h={8} style={{ borderRadius: 4 }} aria-hidden>
              <Box h={8} miw={minutes === null ? 0 : 4} w={`${((minutes ?? 0) / most) * 100}%`} bg={`var(--mantine-color-${color}-filled)`} style={{ borderRadius: 4 }} />
            </Box>
          </div>
        );
      })}
    </Stack>
  );
} // prettier-ignore
