/** The log of a drill: asked as the real one is, with made-up entries alone in it. The last answer is scored. */
import { Button, Card, Checkbox, Group, List, Stack, Text, TextInput, Title } from '@mantine/core';
import type { IncidentDrill } from '@strongroom/sdk';
import { type FormEvent, useState } from 'react';

import { shortId } from '../names.ts';
import { room } from '../room.ts';
import type { Act } from './drill.tsx';
import { StoryText, StoryTime } from './drill-parts.tsx';

/** The story tells its times in UTC: what stands in the field is that, whatever the browser's zone. */
const instant = (utc: string): string => `${utc}:00Z`;

export function DrillLog({ drill, busy, act }: { drill: IncidentDrill; busy: boolean; act: Act }) {
  const { breach, id } = drill;
  const [actors, setActors] = useState<string[]>([]);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState(drill.beginsAt.slice(0, 16));
  if (breach === null) return null;
  const may = drill.state === 'running' && drill.isIn;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    act(() => room.incidentDrills.scope(id, { actors, from: instant(from), to: instant(to) }));
  };
  return (
    <Card withBorder padding="sm" component="section" aria-label="the log of the drill">
      <Title order={2} size="h4" mb="xs">
        Whom did it concern?
      </Title>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        <StoryText text={breach.asks} />
      </Text>
      {may && (
        <form onSubmit={submit}>
          <Stack gap="xs" mt="xs">
            <Checkbox.Group label="Whose entries" value={actors} onChange={setActors}>
              <Stack gap={4} mt={4}>
                {breach.actors.map((each) => (
                  <Checkbox key={each.id} value={each.id} label={`${each.says} (${shortId(each.id)})`} styles={{ label: { overflowWrap: 'anywhere' } }} />
                ))}
              </Stack>
            </Checkbox.Group>
            <Group align="flex-end">
              <TextInput type="datetime-local" label="From (UTC)" value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
              <TextInput type="datetime-local" label="To (UTC)" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
              <Button type="submit" loading={busy} disabled={actors.length === 0 || from === '' || to === ''}>
                Ask the log
              </Button>
            </Group>
          </Stack>
        </form>
      )}
      {breach.asked.length > 0 && (
        <List size="sm" mt="sm" spacing={4} aria-label="what was asked">
          {breach.asked.map(({ at, subjects, entries, from: since, to: until, actors: of, says }) => (
            <List.Item key={at} style={{ overflowWrap: 'anywhere' }}>
              {subjects} {subjects === 1 ? 'person' : 'people'} in {entries} {entries === 1 ? 'entry' : 'entries'}, of {of.length} {of.length === 1 ? 'actor' : 'actors'} from <StoryTime at={since} /> to <StoryTime at={until} />
              {says.map((line) => (
                <Text key={line} size="sm" c="dimmed">
                  <StoryText text={line} />
                </Text>
              ))}
            </List.Item>
          ))}
        </List>
      )}
    </Card>
  );
} // prettier-ignore
