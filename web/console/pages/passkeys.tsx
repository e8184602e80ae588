/** My passkeys: what signs me in without a password, and cannot be phished. */
import { Badge, Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { isProblem } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { Fetching, Problem } from '../../ui/states.tsx';
import { hasPasskeys, makePasskey } from '../passkey.ts';
import { room } from '../room.ts';
import { RecoveryCodes } from './recovery-codes.tsx';
import { StepUp } from './step-up.tsx';

export function MyPasskeys() {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const list = useQuery({ queryKey: ['passkeys'], queryFn: () => room.passkeys.list() });
  // also what this session may: by the first one it has shown two factors, without the last one it has not
  const renew = () => queries.invalidateQueries();
  const add = useMutation({
    mutationFn: () => makePasskey(name.trim()),
    onSuccess: async () => {
      setName('');
      await renew();
    },
  });
  const remove = useMutation({ mutationFn: (id: string) => room.passkeys.remove(id), onSuccess: renew });
  const failed = add.error ?? remove.error;
  return (
    <Card withBorder component="section" aria-label="passkeys">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">
            Passkeys
          </Title>
          {list.data !== undefined && (
            <Badge variant="light" color={list.data.passkeys.length > 0 ? 'teal' : 'gray'}>
              {list.data.passkeys.length > 0 ? 'cannot be phished' : 'not set up'}
            </Badge>
          )}
        </Group>
        {list.isPending && <Fetching what="your passkeys" />}
        {list.isError && <Problem error={list.error} />}
        {list.data?.passkeys.map((one) => (
          <Group key={one.id} justify="space-between">
            <Text size="sm">{one.name}</Text>
            <Confirm
              label="Remove"
              name={`Remove ${one.name}`}
              title={`Remove ${one.name}?`}
              size="compact-xs"
              onYes={() => remove.mutate(one.id)}
            >
              It signs you in no more. Keep another way in before you remove the last one.
            </Confirm>
          </Group>
        ))}
        {hasPasskeys() ? (
          <Group align="flex-end">
            <TextInput
              label="Name of a new one"
              placeholder="this laptop"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              flex={1}
            />
            <Button
              variant="default"
              onClick={() => add.mutate()}
              loading={add.isPending}
              disabled={name.trim() === ''}
            >
              Add
            </Button>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            This browser has none to offer.
          </Text>
        )}
        {failed !== null &&
          (isProblem(failed) && failed.status === 401 ? (
            <StepUp onDone={() => (remove.isError ? remove.mutate(remove.variables) : add.mutate())} />
          ) : isProblem(failed) ? (
            <Problem error={failed} />
          ) : (
            <Text size="sm" role="alert">
              It was not confirmed. Try again.
            </Text>
          ))}
        {add.data !== undefined && add.data !== null && <RecoveryCodes codes={add.data} instead="passkey" />}
      </Stack>
    </Card>
  );
}
