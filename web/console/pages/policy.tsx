/** One version of the policies: roles and texts, edited into a draft; what a change would change; approve, activate. */
import { Badge, Button, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import type { PolicyDocument } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useSession, useWhoAmI } from '../session.ts';
import { MatrixTable } from './matrix-table.tsx';
import { STATE_COLOURS } from './policies.tsx';
import { Changes } from './policy-changes.tsx';
import { Draft } from './policy-draft.tsx';
import { Roles } from './policy-roles.tsx';
import { Texts } from './policy-texts.tsx';

export function PolicyPage({ version, tab }: { version: string; tab?: 'roles' }) {
  const queries = useQueryClient();
  const [session, who] = [useSession(), useWhoAmI()];
  const policy = useQuery({ queryKey: ['policy', version], queryFn: () => room.policies.get(version) });
  const [edited, setEdited] = useState<PolicyDocument | null>(null);
  const anew = () => queries.invalidateQueries();
  const approve = useMutation({
    mutationFn: ({ id, hash }: { id: string; hash: string }) => room.policies.approve(id, hash),
    onSuccess: anew,
  });
  const activate = useMutation({ mutationFn: (id: string) => room.policies.activate(id), onSuccess: anew });
  if (policy.isPending) return <Fetching what="the policies" />;
  if (policy.isError) return <Problem error={policy.error} />;
  const { id, hash, state, note, document, proposedBy } = policy.data;
  const draft = edited ?? document;
  const proposes = who.data?.actions.includes('policies.propose') === true;
  const onChange = proposes ? setEdited : null;
  const isDecided = state === 'active' || state === 'retired';
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Text component={Link} to="/policies" size="sm" c="dimmed">
            ← Policies
          </Text>
          <Group gap="xs">
            <Title order={1} size="h2">
              {tab === 'roles' ? 'Roles' : `Version …${id.slice(-8)}`}
            </Title>
            <Badge color={STATE_COLOURS[state] ?? 'gray'}>{state}</Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        </div>
        <Group>
          {state === 'validated' && proposedBy === session.data?.person && (
            <Text size="sm">Somebody else has to approve it.</Text>
          )}
          {state === 'validated' && proposedBy !== session.data?.person && (
            <Button onClick={() => approve.mutate({ id, hash })} loading={approve.isPending}>
              Approve
            </Button>
          )}
          {state === 'approved' && (
            <Confirm
              label="Activate"
              title="Activate this version?"
              variant="filled"
              loading={activate.isPending}
              onYes={() => activate.mutate(id)}
            >
              It decides from the next request on, on every server. What it changes is listed below.
            </Confirm>
          )}
        </Group>
      </Group>
      {(approve.isError || activate.isError) && <Problem error={approve.error ?? activate.error} />}
      <Tabs defaultValue={tab ?? (isDecided ? 'matrix' : 'changes')} keepMounted={false}>
        <Tabs.List mb="sm">
          {!isDecided && <Tabs.Tab value="changes">What it changes</Tabs.Tab>}
          <Tabs.Tab value="roles">Roles</Tabs.Tab>
          <Tabs.Tab value="matrix">Who sees what</Tabs.Tab>
          <Tabs.Tab value="texts">Policies</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="changes">
          <Changes id={id} document={document} />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <Roles id={id} document={draft} before={document} onChange={onChange} />
        </Tabs.Panel>
        <Tabs.Panel value="matrix">
          <MatrixTable id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="texts">
          <Texts document={draft} before={document} onChange={onChange} />
        </Tabs.Panel>
      </Tabs>
      {edited !== null && <Draft document={edited} before={document} onDiscard={() => setEdited(null)} />}
    </Stack>
  );
}
