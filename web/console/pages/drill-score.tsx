/** How a drill went: points, minutes to each decision, and how exactly the log was asked. */
import { Alert, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { IncidentDrill } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';

import { Bars } from '../../ui/bars.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { percent } from './drill-parts.tsx';

type Scored = NonNullable<IncidentDrill['score']>;

export function Score({ drill, score }: { drill: IncidentDrill; score: Scored }) {
  const { passed, total, decisions, scope } = score;
  const report = useMutation({
    mutationFn: () => room.incidentDrills.report(drill.id),
    onSuccess: ({ name, text }) => saveFile(name, new Blob([text], { type: 'text/markdown' })),
  });
  return (
    <Card withBorder component="section" aria-label="the score">
      <Stack gap="sm">
        <Alert color={passed ? 'green' : 'red'} title={passed ? 'Passed' : 'Not passed'} role="status">
          {percent(total)} of the points; {percent(drill.passes)} were asked for.
        </Alert>
        <Title order={2} size="h4">
          Minutes to each decision
        </Title>
        <Bars
          label="minutes to each decision"
          unit="minutes"
          bars={decisions.map(({ inject, minutes, right, late }) => ({
            label: `${inject}${minutes === null ? ' (none)' : ''}`,
            value: minutes ?? 0,
            color: right ? (late ? 'var(--mantine-color-yellow-filled)' : 'var(--mantine-color-teal-filled)') : 'var(--mantine-color-red-filled)', // prettier-ignore
          }))}
        />
        {scope !== null && (
          <>
            <Title order={2} size="h4">
              Whom it concerned
            </Title>
            <Bars
              label="how exactly the log was asked"
              unit="%"
              of={100}
              bars={[
                { label: 'precision', value: Math.round(scope.precision * 100) },
                { label: 'recall', value: Math.round(scope.recall * 100) },
              ]}
            />
            <Text size="sm">
              {scope.found} found, {scope.concerned} concerned, {scope.hit} of both. Precision: how many of those found
              were concerned. Recall: how many of those concerned were found.
            </Text>
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
