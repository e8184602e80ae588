/** Shows password and code again where an answer asked for it (RFC 9470), in place: nothing that was typed is lost. */
import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';

export function StepUp({ onDone }: { onDone: () => void }) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const show = useMutation({
    mutationFn: () => room.session.stepUp({ password, ...(code === '' ? {} : { code: code.replaceAll(/\s/g, '') }) }),
    onSuccess: onDone,
  });
  return (
    <Alert title="Show once more that it is you" role="group">
      <Stack gap="xs">
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <TextInput
          label="Code of your authenticator app"
          autoComplete="one-time-code"
          inputMode="numeric"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        {show.isError && <Problem error={show.error} />}
        <Button type="button" variant="light" loading={show.isPending} onClick={() => show.mutate()}>
          Confirm
        </Button>
      </Stack>
    </Alert>
  );
}
