/** The log of a drill: asked as the real one is, with made-up entries alone in it. The last answer is scored. */
import { Button, Card, Checkbox, Group, List, Stack, Text, TextInput, Title } from '@mantine/core';
import type { IncidentDrill } from '@strongroom/sdk';
import { type FormEvent, useState } from 'react';

import { room } from '../room.ts';
import type { Act } from './drill.tsx';

/** As the story tells times: of UTC, to the minute. */
const instant = (text: string): string => `${text.trim().replace(' ', 'T').slice(0, 16)}:00Z`;
const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text.trim()) && !Number.isNaN(Date.parse(instant(text))); // prettier-ignore

export function DrillLog({ drill, busy, act }: { drill: IncidentDrill; busy: boolean; act: Act }) {
  const { breach, id } = drill;
  const [actors, setActors] = useState<string[]>([]);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState(drill.beginsAt.slice(0, 16).replace('T', ' '));
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
        {breach.asks}
      </Text>
      {may && (
        <form onSubmit={submit}>
          <Stack gap="xs" mt="xs">
            <Checkbox.Group label="Whose entries" value={actors} onChange={setActors}>
              <Stack gap={4} mt={4}>
                {breach.actors.map((each) => (
                  <Checkbox key={each.id} value={each.id} label={`${each.says} (${each.id})`} styles={{ label: { overflowWrap: 'anywhere' } }} />
                ))}
              </Stack>
            </Checkbox.Group>
            <Group align="flex-end">
              <TextInput label="From (UTC)" placeholder="2026-03-02 07:30" value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
              <TextInput label="To (UTC)" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
              <Button type="submit" loading={busy} disabled={actors.length === 0 || !isTime(from) || !isTime(to)}>
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
              {subjects} {subjects === 1 ? 'person' : 'people'} in {entries} {entries === 1 ? 'entry' : 'entries'}, of {of.length} {of.length === 1 ? 'actor' : 'actors'} from {since.slice(0, 16).replace('T', ' ')} to {until.slice(0, 16).replace('T', ' ')} UTC
              {says.map((line) => (
                <Text key={line} size="sm" c="dimmed">
                  {line}
                </Text>
              ))}
            </List.Item>
          ))}
        </List>
      )}
    </Card>
  );
} // prettier-ignore
