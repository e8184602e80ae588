/** The question to the log: by whom, under what, by which request, from when until when. */
import { Group, TagsInput, Text, TextInput } from '@mantine/core';
import type { Incident } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { instantOf, localOf } from '../../ui/local-time.ts';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';

const DAY_MS = 86_400_000;

export function AskScope({ incident, onClose, onAsked }: { incident: Incident; onClose: () => void; onAsked: () => Promise<void> }) {
  const [actors, setActors] = useState<string[]>([]);
  const [grants, setGrants] = useState<string[]>([]);
  const [requests, setRequests] = useState<string[]>([]);
  const [from, setFrom] = useState(localOf(new Date(Date.parse(incident.timeline[0]?.happenedAt ?? incident.reportedAt) - 7 * DAY_MS)));
  // to the minute: what happened in this one is within
  const [to, setTo] = useState(localOf(new Date(Date.now() + 60_000)));
  const ask = useMutation({
    mutationFn: () => room.incidents.scope(incident.id, { actors, grants, requests, from: instantOf(from), to: instantOf(to) }),
    onSuccess: onAsked,
  });
  return (
    <Dialog title="Ask the log whom it concerns" size="lg" sending={ask} does="Ask" onSend={() => ask.mutate()} ready={actors.length + grants.length + requests.length > 0 && from !== '' && to !== ''} onClose={onClose}>
      <Text size="sm">
        Entries of any of these count, in this time. Keys of a person are actors of their own: name all of them. What is found is kept with a hash;
        ask again as you learn more.
      </Text>
      <TagsInput label="Actors" description="ids of people, keys and workloads, as the log has them: per_…, key_…; Enter after each" value={actors} onChange={setActors} acceptValueOnBlur splitChars={[',', ' ']} openOnFocus={false} />
      <TagsInput label="Grants" description="ids of access for a time, or of break-glass; Enter after each" value={grants} onChange={setGrants} acceptValueOnBlur splitChars={[',', ' ']} openOnFocus={false} />
      <TagsInput label="Requests" description="ids of single requests; Enter after each" value={requests} onChange={setRequests} acceptValueOnBlur splitChars={[',', ' ']} openOnFocus={false} />
      <Group grow preventGrowOverflow={false}>
        <TextInput type="datetime-local" label="From" required miw={200} value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
        <TextInput type="datetime-local" label="To" required miw={200} value={to} onChange={(event) => setTo(event.currentTarget.value)} />
      </Group>
    </Dialog>
  );
} // prettier-ignore
