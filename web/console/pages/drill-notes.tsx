/** What was odd, and what is to be changed: words that stay with the drill. */
import { Button, Card, List, Stack, Textarea, Text, Title } from '@mantine/core';
import type { IncidentDrill } from '@strongroom/sdk';
import { type FormEvent, useState } from 'react';

import { room } from '../room.ts';
import { When } from '../when.tsx';
import type { Act } from './drill.tsx';

export function Notes({ drill: { id, notes, state }, busy, act }: { drill: IncidentDrill; busy: boolean; act: Act }) {
  const [text, setText] = useState('');
  const isOver = state !== 'running' && state !== 'planned';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    act(
      () => room.incidentDrills.note(id, text.trim()),
      () => setText(''),
    );
  };
  return (
    <Card withBorder padding="sm" component="section" aria-label="notes">
      <Title order={2} size="h4" mb="xs">
        {isOver ? 'What we change' : 'Notes'}
      </Title>
      {notes.length > 0 && (
        <List size="sm" mb="xs">
          {notes.map((note) => (
            <List.Item key={`${note.at} ${note.text}`}>
              {note.text}{' '}
              <Text span size="xs" c="dimmed">
                <When at={note.at} />
              </Text>
            </List.Item>
          ))}
        </List>
      )}
      <form onSubmit={submit}>
        <Stack gap="xs" align="flex-start">
          <Textarea
            w="100%"
            label={isOver ? 'One thing that is to be changed' : 'What was odd'}
            autosize
            minRows={2}
            maxLength={2000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={busy} disabled={text.trim() === ''}>
            Note it
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
