/** Roles that rest since nobody used them: asking for one, and answering who asks. */
import { Badge, Button, Card, Group, NumberInput, Stack, Text, TextInput, Title } from '@mantine/core';
import type { RoleRequest } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useSession } from '../session.ts';
import { Refused } from './step-up.tsx';

const OPEN = new Set<RoleRequest['state']>(['pending', 'lent']);

/** Nothing where no role rests and nobody asks for one. */
export function RolesAtRest() {
  const session = useSession();
  const found = useQuery({ queryKey: ['role-requests'], queryFn: () => room.roleRequests.list() });
  if (found.isError) return <Problem error={found.error} />;
  if (!found.isSuccess) return null;
  const open = found.data.requests.filter(({ state }) => OPEN.has(state));
  const mine = session.data?.person;
  const waiting = new Set(open.filter(({ person }) => person === mine).map(({ role }) => role));
  const askable = found.data.eligible.filter((role) => !waiting.has(role));
  if (open.length === 0 && askable.length === 0) return null;
  return (
    <Stack component="section" aria-label="roles at rest">
      <Title order={2} size="h3">
        Roles at rest
      </Title>
      {askable.map((role) => (
        <AskForRole key={role} role={role} />
      ))}
      {open.map((each) => (
        <Asked key={each.id} request={each} mine={each.person === mine} />
      ))}
    </Stack>
  );
}

function useAct<T>(work: (what: T) => Promise<unknown>) {
  const queries = useQueryClient();
  // which roles one has may have changed, too
  return useMutation({ mutationFn: work, onSettled: () => queries.invalidateQueries() });
}

function AskForRole({ role }: { role: string }) {
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState<number | string>(60);
  const ask = useAct((forGood: boolean) =>
    room.roleRequests.ask({ role, reason, ...(forGood ? {} : { minutes: Number(minutes) }) }),
  );
  return (
    <Card withBorder component="article" aria-label={`role ${role} at rest`}>
      <Text size="sm">
        You did not use the role <b>{role}</b> for long. Its owner lends it to you for a time, or gives it back.
      </Text>
      <Group align="flex-end">
        <TextInput label="Reason" value={reason} onChange={(event) => setReason(event.currentTarget.value)} flex={1} />
        <NumberInput label="Minutes" value={minutes} onChange={setMinutes} min={5} max={480} w={110} />
        <Button disabled={reason.trim() === ''} loading={ask.isPending} onClick={() => ask.mutate(false)}>
          Ask for a time
        </Button>
        <Button variant="default" disabled={reason.trim() === ''} onClick={() => ask.mutate(true)}>
          Ask for good
        </Button>
      </Group>
      {ask.isError && <Problem error={ask.error} />}
    </Card>
  );
}

function Asked({ request, mine }: { request: RoleRequest; mine: boolean }) {
  const { id, role, name, state, minutes, reason, until } = request;
  const act = useAct((what: 'approve' | 'deny' | 'end') => room.roleRequests[what](id));
  return (
    <Card withBorder component="article" aria-label={`request for the role ${role}, ${state}`}>
      <Group justify="space-between">
        <Stack gap={4}>
          <Group gap="xs">
            <Badge variant="light" color={state === 'lent' ? 'teal' : 'orange'}>
              {state}
            </Badge>
            <Text fw={600}>
              {mine ? 'You' : name}: the role {role}, {minutes === null ? 'for good' : `for ${minutes} minutes`}
            </Text>
          </Group>
          <Text size="sm" className="wrap">
            {reason}
          </Text>
          {until !== null && (
            <Text size="sm">
              until {new Date(until).toLocaleTimeString()}
              {mine ? '; choose it as your role' : ''}
            </Text>
          )}
        </Stack>
        <Group gap="xs">
          {state === 'pending' && !mine && <Button onClick={() => act.mutate('approve')}>Approve</Button>}
          {state === 'pending' && !mine && (
            <Button variant="default" onClick={() => act.mutate('deny')}>
              Deny
            </Button>
          )}
          {(mine || state === 'lent') && (
            <Button variant="default" onClick={() => act.mutate('end')}>
              {state === 'lent' ? 'End now' : 'Withdraw'}
            </Button>
          )}
        </Group>
      </Group>
      {act.isError && <Refused error={act.error} again={() => act.mutate(act.variables)} />}
    </Card>
  );
}
