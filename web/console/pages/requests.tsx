/** Access for a time: what was asked for, what waits for me, what holds now. */
import { Badge, Button, Card, Group, List, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { type Grant } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { counted } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useDoers } from '../names.ts';
import { usePurposes } from '../purposes.ts';
import { room } from '../room.ts';
import { useSession } from '../session.ts';
import { When } from '../when.tsx';
import { ExportEyes } from './exports-eyes.tsx';
import { RolesAtRest } from './roles-at-rest.tsx';
import { Refused } from './step-up.tsx';

const COLOURS: Readonly<Record<string, string>> = {
  pending: 'orange', approved: 'blue', activated: 'teal', denied: 'red', revoked: 'red',
}; // prettier-ignore

export function RequestsPage() {
  const [show, setShow] = useState<'pending' | 'any'>('pending');
  const session = useSession();
  const requests = useQuery({
    queryKey: ['requests', show],
    queryFn: async () => {
      if (show === 'any') return (await room.grants.requests({ state: 'any' })).requests;
      const states = ['pending', 'approved', 'activated'] as const;
      const lists = await Promise.all(states.map((state) => room.grants.requests({ state })));
      return lists.flatMap((each) => each.requests);
    },
  });
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Access for a time
        </Title>
        <SegmentedControl
          aria-label="which requests"
          value={show}
          onChange={(next) => setShow(next)}
          data={[
            { value: 'pending', label: 'Open' },
            { value: 'any', label: 'All' },
          ]}
        />
      </Group>
      {requests.isPending && <Fetching what="requests" />}
      {requests.isError && <Problem error={requests.error} />}
      {requests.data?.map((each) => (
        <Request key={each.id} request={each} mine={each.requestedBy === session.data?.person} />
      ))}
      <RolesAtRest />
      <ExportEyes />
      {requests.data?.length === 0 && (
        <Card withBorder>
          <Empty title="No field has been asked for">
            Where a field is masked and your role may ask for it, press &ldquo;Ask&rdquo; beside it on the
            customer&rsquo;s page.
          </Empty>
        </Card>
      )}
    </Stack>
  );
}

function Request({ request, mine }: { request: Grant; mine: boolean }) {
  const [queries, nameOf, purposeOf] = [useQueryClient(), useDoers(), usePurposes()];
  const act = useMutation({
    mutationFn: (what: 'approve' | 'deny' | 'activate' | 'cancel' | 'revoke') => {
      const { id, scopeHash } = request;
      if (what === 'approve') return room.grants.approve(id, scopeHash);
      if (what === 'deny') return room.grants.deny(id, 'denied in the console');
      if (what === 'revoke') return room.grants.revoke(id, 'ended in the console');
      return what === 'activate' ? room.grants.activate(id) : room.grants.cancel(id);
    },
    // what may be seen has changed, too
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'record' }),
  });
  const { scope, state } = request;
  return (
    <Card withBorder component="article" aria-label={`request of ${request.role}, ${state}`}>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4}>
          <Group gap="xs">
            <Badge variant="light" color={COLOURS[state] ?? 'gray'}>
              {state}
            </Badge>
            <Text fw={600}>
              {purposeOf(scope.purpose)}, in the role {request.role}
            </Text>
            {mine && <Badge variant="outline">yours</Badge>}
          </Group>
          <Text size="sm" className="wrap">
            {request.reason}
          </Text>
          <List size="sm">
            <List.Item>
              asked by {mine ? 'you' : nameOf(request.requestedBy)}, <When at={request.requestedAt} />
            </List.Item>
            <List.Item>
              classes: {scope.classes.join(', ')}; {counted(scope.subjects.length, 'customer')}
              {scope.case === null ? '' : `; case ${scope.case}`}
            </List.Item>
            <List.Item>
              {counted(Math.round(scope.seconds / 60), 'minute')}, {request.readsUsed} of {counted(scope.reads, 'read')}{' '}
              used
            </List.Item>
            <List.Item>
              {request.approvals.length} of {counted(request.needed, 'approval')}
              {request.until === null ? '' : `; ends ${new Date(request.until).toLocaleTimeString()}`}
            </List.Item>
          </List>
        </Stack>
        <Group gap="xs">
          {state === 'pending' && !mine && (
            <Button loading={act.isPending} onClick={() => act.mutate('approve')}>
              Approve
            </Button>
          )}
          {state === 'pending' && !mine && (
            <Confirm label="Deny" title="Deny it?" onYes={() => act.mutate('deny')}>
              It cannot be approved any more; whoever asked can ask again.
            </Confirm>
          )}
          {state === 'approved' && mine && (
            <Button loading={act.isPending} onClick={() => act.mutate('activate')}>
              Start the clock
            </Button>
          )}
          {(state === 'pending' || state === 'approved') && mine && (
            <Button variant="default" loading={act.isPending} onClick={() => act.mutate('cancel')}>
              Withdraw
            </Button>
          )}
          {state === 'activated' && (
            <Confirm label="End now" title="End it now?" onYes={() => act.mutate('revoke')}>
              The next read under it is refused, on every server.
            </Confirm>
          )}
        </Group>
      </Group>
      {act.isError && <Refused error={act.error} again={() => act.mutate(act.variables)} />}
    </Card>
  );
}
