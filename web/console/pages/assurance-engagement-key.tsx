/** A key for people who test from outside: in a role, from their networks, shown once. */
import { Autocomplete, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { WholeEngagement } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { ShownOnce } from '../../ui/shown-once.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

export function EngagementKey({ of: { id, until, sources, keys } }: { of: WholeEngagement }) {
  const queries = useQueryClient();
  const mayRead = useWhoAmI().data?.actions.includes('policies.read') === true;
  const policies = useQuery({ queryKey: ['policy', 'active'], queryFn: () => room.policies.get('active'), enabled: mayRead }); // prettier-ignore
  const [role, setRole] = useState('');
  const give = useMutation({
    mutationFn: () => room.assurance.engagementKey(id, role),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['assurance'] }),
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    give.mutate();
  };
  const made = give.data;
  return (
    <Card withBorder>
      <form onSubmit={send}>
        <Stack>
          <Title order={2} size="h4">
            Give them a key
          </Title>
          <Text size="sm" component="div">
            It reads persons who are made up for this test and nobody else, opens from {sources.join(', ')} alone, and ends{' '}
            <When at={until} />. {keys === 0 ? 'There is none yet.' : `There ${keys === 1 ? 'is 1' : `are ${keys}`} so far.`}
          </Text>
          <Autocomplete
            label="Role"
            description="one that sees neither the log, findings nor traffic"
            required
            data={Object.keys(policies.data?.document.roles ?? {})}
            value={role}
            onChange={setRole}
          />
          {give.isError && <Refused error={give.error} again={() => give.reset()} />}
          {made !== undefined && (
            <ShownOnce
              title="This is the key"
              says={
                made.records.length === 0
                  ? 'Hand it to the testers. It is not shown again.'
                  : 'Hand it to the testers, with the records of those who were made up for them: neither is shown again.'
              }
              secret={[made.key, ...made.records]}
              onClose={() => give.reset()}
            />
          )}
          <Group justify="flex-end">
            <Button type="submit" loading={give.isPending} disabled={role === '' || give.isSuccess}>
              Make a key
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  ); // prettier-ignore
}
