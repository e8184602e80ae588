/** A second pair of eyes on exports: one's own requests, and for who decides those of others. */
import { Badge, Button, Card, Group, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import type { ExportRequest } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { usePurposes } from '../purposes.ts';
import { useCatalog, useSession, useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

const COLOURS = { pending: 'orange', approved: 'teal', denied: 'red', ended: 'gray' } as const;
const KEY = ['export-requests'];

export function ExportEyes() {
  const decides = (useWhoAmI().data?.actions ?? []).includes('grants.approve');
  const found = useQuery({ queryKey: [...KEY, decides], queryFn: () => (decides ? room.exportRequests.list() : room.exportRequests.mine()) }); // prettier-ignore
  const [asking, setAsking] = useState(false);
  // what waits is never out of sight
  const shown = (found.data?.requests ?? []).filter(({ state }, at) => at < 20 || state === 'pending');
  return (
    <Card withBorder padding="sm" component="section" aria-label="a second pair of eyes on exports">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          A second pair of eyes on exports
        </Title>
        <Button size="compact-sm" variant="default" onClick={() => setAsking(!asking)} aria-expanded={asking}>
          Ask for one
        </Button>
      </Group>
      <Text size="sm">If your export waits for approval, ask here. Somebody else says yes or no, and for an hour exports for that purpose are open.</Text>
      {found.isError && <Problem error={found.error} />}
      {asking && <Ask onDone={() => setAsking(false)} />}
      <Stack gap="xs" mt={shown.length === 0 ? 0 : 'xs'}>
        {shown.map((each) => (
          <One key={each.id} request={each} decides={decides} />
        ))}
      </Stack>
    </Card>
  );
} // prettier-ignore

function Ask({ onDone }: { onDone: () => void }) {
  const [queries, catalog] = [useQueryClient(), useCatalog()];
  const [purpose, setPurpose] = useState('');
  const [reason, setReason] = useState('');
  const ask = useMutation({
    mutationFn: () => room.exportRequests.ask({ purpose: purpose.trim(), reason: reason.trim() }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: KEY });
      onDone();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs" mt="xs">
        {catalog.data === undefined ? (
          <TextInput
            label="Purpose"
            placeholder="analytics"
            required
            value={purpose}
            onChange={(event) => setPurpose(event.currentTarget.value)}
          />
        ) : (
          <Select
            label="Purpose"
            required
            searchable
            data={catalog.data.purposes.map(({ id, title }) => ({ value: id, label: title }))}
            value={purpose === '' ? null : purpose}
            onChange={(next) => setPurpose(next ?? '')}
          />
        )}
        <Textarea
          label="Why do you need it?"
          required
          autosize
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {ask.isError && <Refused error={ask.error} again={() => ask.mutate()} />}
        <Group>
          <Button type="submit" loading={ask.isPending}>
            Ask somebody
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function One({ request: { id, name, person, purpose, reason, state, until }, decides }: { request: ExportRequest; decides: boolean }) {
  const [queries, session] = [useQueryClient(), useSession()];
  const title = usePurposes()(purpose);
  const act = useMutation({
    mutationFn: (what: 'approve' | 'deny') => room.exportRequests[what](id),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <Stack gap={4} role="group" aria-label={`exports for ${title}, ${name}`}>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {name}, for {title}
        </Text>
        <Badge variant="light" color={COLOURS[state]}>
          {state}
        </Badge>
        {until !== null && (
          <Text size="sm">
            until <When at={until} />
          </Text>
        )}
      </Group>
      <Text size="sm" className="wrap">
        {reason}
      </Text>
      {decides && state === 'pending' && person !== session.data?.person && (
        <Group gap="xs">
          <Button size="compact-sm" loading={act.isPending} onClick={() => act.mutate('approve')}>
            Say yes
          </Button>
          <Button size="compact-sm" variant="default" loading={act.isPending} onClick={() => act.mutate('deny')}>
            Say no
          </Button>
        </Group>
      )}
      {act.isError && <Refused error={act.error} again={() => act.mutate(act.variables ?? 'deny')} />}
    </Stack>
  );
} // prettier-ignore
