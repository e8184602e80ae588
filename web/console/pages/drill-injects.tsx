/** What has come, and what is decided about it. */
import { Badge, Button, Card, Group, List, Radio, Stack, Text } from '@mantine/core';
import type { IncidentDrill } from '@strongroom/sdk';
import { useState } from 'react';

import { room } from '../room.ts';
import type { Act } from './drill.tsx';
import { soon, StoryText, StoryTime } from './drill-parts.tsx';

type Inject = IncidentDrill['injects'][number];
type Of = Readonly<{ drill: IncidentDrill; busy: boolean; act: Act }>;

export function Injects({ drill, busy, act }: Of) {
  // while it runs, what has just come is what is to be decided; told afterwards, a story begins at its beginning
  return (drill.state === 'running' ? drill.injects.toReversed() : drill.injects).map((inject) => (
    <One key={inject.id} inject={inject} drill={drill} busy={busy} act={act} />
  ));
}

function One({ inject: { id, minute, at, from, says, decide }, drill, busy, act }: Of & { inject: Inject }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const mayDecide = drill.state === 'running' && drill.isIn && decide?.decided === null;
  const told = drill.score?.decisions.find(({ inject }) => inject === id);
  return (
    <Card withBorder padding="sm" component="section" aria-label={`minute ${minute}: ${from}`}>
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          Minute {minute}, <StoryTime at={at} /> in the story
        </Text>
        <Text fw={600}>{from}</Text>
        <Text style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
          <StoryText text={says} />
        </Text>
        {decide !== null && !mayDecide && <Decided decide={decide} />}
        {decide !== null && mayDecide && (
          <Radio.Group
            label={decide.asks}
            description={`Within ${decide.withinMinutes} minutes; later it counts half.${decide.clock === null ? '' : ` The law’s clock: ${decide.clock}.`}`}
            value={chosen}
            onChange={setChosen}
          >
            <Stack gap={6} mt={6}>
              {decide.options.map((option, place) => (
                <Radio key={option} value={String(place)} label={option} />
              ))}
            </Stack>
          </Radio.Group>
        )}
        {mayDecide && (
          <Group>
            <Button
              loading={busy}
              disabled={chosen === null}
              onClick={() => act(() => room.incidentDrills.decide(drill.id, id, Number(chosen)))}
            >
              Decide
            </Button>
          </Group>
        )}
        {told !== undefined && (
          <Stack gap={2}>
            <Group gap="xs">
              <Badge variant="light" color={told.right ? (told.late ? 'yellow' : 'green') : 'red'}>
                {told.chose === null ? 'nobody decided' : told.right ? (told.late ? 'right, and late' : 'right') : 'not the best'}
              </Badge>
              {told.minutes !== null && <Text size="sm">after {soon(told.minutes)}</Text>}
            </Group>
            {!told.right && <Text size="sm">Better: {told.best}</Text>}
            <Text size="sm">{told.because}</Text>
          </Stack>
        )}
      </Stack>
    </Card>
  );
} // prettier-ignore

function Decided({ decide: { asks, options, decided } }: { decide: NonNullable<Inject['decide']> }) {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {asks}
      </Text>
      <List size="sm" spacing={2}>
        {options.map((option, place) => (
          <List.Item key={option} fw={decided?.option === place ? 600 : 400}>
            {option}
            {decided?.option === place && ' (decided)'}
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
