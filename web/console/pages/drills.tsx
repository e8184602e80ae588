/** Drills: those one can begin, those one is asked to take part in, and for the training team how they went. */
import { Anchor, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { IncidentDrillAbout, IncidentDrillLine } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { Pager } from '../../ui/pager.tsx';
import { Plot } from '../../ui/plot.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { BeginWithOthers } from './drill-begin.tsx';
import { DrillBadge, DrillBanner, percent } from './drill-parts.tsx';

export function DrillsPage() {
  const actions = useWhoAmI().data?.actions ?? [];
  const mine = useQuery({ queryKey: ['drills', 'mine'], queryFn: () => room.incidentDrills.mine() });
  if (mine.isError) return <Problem error={mine.error} />;
  if (mine.data === undefined) return <Fetching what="drills" />;
  const { drills, texts } = mine.data;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Drills
        </Title>
        {actions.includes('training.manage') && <BeginWithOthers texts={texts} />}
      </Group>
      <DrillBanner />
      {drills.length > 0 && (
        <>
          <Title order={2} size="h3">
            Yours
          </Title>
          <Drills title="Yours" drills={drills} />
        </>
      )}
      <Title order={2} size="h3">
        Play one
      </Title>
      {texts.map((text) => (
        <Playable key={text.id} text={text} />
      ))}
      {actions.includes('training.read') && <All />}
    </Stack>
  );
}

function Playable({ text: { id, title, story, minutes, decisions, breach, validityDays } }: { text: IncidentDrillAbout }) {
  const [go, queries] = [useNavigate(), useQueryClient()];
  const begin = useMutation({
    mutationFn: () => room.incidentDrills.begin({ text: id }),
    onSuccess: async (made) => {
      await queries.invalidateQueries();
      await go({ to: '/drills/$id', params: { id: made.id } });
    },
  });
  return (
    <Card withBorder padding="sm" component="section" aria-label={title}>
      <Stack gap="xs">
        <Text fw={600}>{title}</Text>
        <Text size="sm">{story}</Text>
        <Text size="sm" c="dimmed">
          {minutes} minutes, {decisions} decisions{breach ? ', and a log to ask' : ''}; passed, it holds {validityDays} days
        </Text>
        <Group>
          <Button variant="light" loading={begin.isPending} aria-label={`Begin for myself: ${title}`} onClick={() => begin.mutate()}>
            Begin for myself
          </Button>
        </Group>
        {begin.isError && <Problem error={begin.error} />}
      </Stack>
    </Card>
  );
} // prettier-ignore

function All() {
  const [before, turn] = useState<string | null>(null);
  const found = useQuery({ queryKey: ['drills', 'all', before], queryFn: () => room.incidentDrills.list(before ?? undefined) }); // prettier-ignore
  if (found.isError) return <Problem error={found.error} />;
  const drills = found.data?.drills ?? [];
  return (
    <>
      <Title order={2} size="h3">
        All drills
      </Title>
      {found.data !== undefined && drills.length === 0 && (
        <Empty title="None yet">One each quarter shows whether the numbers get better.</Empty>
      )}
      <Over drills={drills} />
      {drills.length > 0 && <Drills title="Everybody’s" drills={drills} />}
      <Pager before={before} next={found.data?.next ?? null} turn={turn} />
    </>
  );
}

/** Whether it gets better. */
function Over({ drills }: { drills: readonly IncidentDrillLine[] }) {
  const scored = drills.filter(({ total }) => total !== null).toReversed();
  if (scored.length < 2) return null;
  const part = (of: number | null): string => (of === null ? '' : percent(of));
  const rows = scored.map(({ title, endsAt, total, precision, recall, medianMinutes }) => [title, endsAt.slice(0, 10), part(total), part(precision), part(recall), medianMinutes === null ? '' : String(medianMinutes)]); // prettier-ignore
  const line = (of: (each: IncidentDrillLine) => number | null): (number | null)[] => scored.map((each) => { const value = of(each); return value === null ? null : value * 100; }); // prettier-ignore
  return (
    <Card withBorder component="section" aria-label="scores over time">
      <Text size="sm" c="dimmed">
        Points of each drill in %; of those with a log also precision, how much of what was found was right (dashed),
        and recall, how much of what there was was found (dotted)
      </Text>
      <Plot
        label="scores of drills"
        height={180}
        drawn={JSON.stringify(rows)}
        head={['Drill', 'Ended', 'Points', 'Precision', 'Recall', 'Minutes to a decision, the middle one']}
        rows={rows}
        draw={({ ink, rule, blue, teal, orange, page }) => ({
          scales: { x: { time: true }, y: { range: () => [0, 105] } },
          axes: [
            { stroke: ink, grid: { stroke: rule }, ticks: { stroke: rule } },
            { stroke: ink, grid: { stroke: rule }, ticks: { stroke: rule }, size: 44 },
          ],
          series: [
            {},
            { stroke: blue, width: 2, points: { show: true, size: 8, fill: page } },
            { stroke: teal, width: 2, dash: [8, 4], spanGaps: true, points: { show: true, size: 6 } },
            { stroke: orange, width: 2, dash: [2, 4], spanGaps: true, points: { show: true, size: 6 } },
          ],
          data: [
            scored.map(({ endsAt }) => Date.parse(endsAt) / 1000),
            line(({ total }) => total),
            line(({ precision }) => precision),
            line(({ recall }) => recall),
          ],
        })}
      />
    </Card>
  );
}

function Drills({ title, drills }: { title: string; drills: readonly IncidentDrillLine[] }) {
  return (
    <Wide label={`drills: ${title}`} minWidth={620} stacks>
      <Table>
        <Table.Caption>DRILL: none of these is an incident.</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Drill</Table.Th>
            <Table.Th>Begins</Table.Th>
            <Table.Th>In</Table.Th>
            <Table.Th>Score</Table.Th>
            <Table.Th>State</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {drills.map((each) => (
            <Table.Tr key={each.id}>
              <Table.Th scope="row" fw={500}>
                <Anchor underline="always" size="sm" component={Link} to={`/drills/${each.id}`}>
                  {each.title}
                </Anchor>
              </Table.Th>
              <Table.Td>
                <When at={each.beginsAt} />
              </Table.Td>
              <Table.Td>
                {each.joined} of {each.asked}
              </Table.Td>
              <Table.Td>{each.total === null ? '–' : percent(each.total)}</Table.Td>
              <Table.Td>
                <DrillBadge state={each.state} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
