/** Shows password and code again where an answer asked for it (RFC 9470), in place: nothing that was typed is lost. */
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { isProblem } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { Problem } from '../../ui/states.tsx';
import { answerBy, hasPasskeys } from '../passkey.ts';
import { room } from '../room.ts';

/** Why something was not done: by showing a factor once more where that is all that is missing, else in words. */
export const Refused = ({ error, again }: { error: unknown; again: () => void }) =>
  isProblem(error) && error.status === 401 ? <StepUp onDone={again} /> : <Problem error={error} />;

export function StepUp({ onDone }: { onDone: () => void }) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const show = useMutation({
    mutationFn: () => room.session.stepUp({ password, ...(code === '' ? {} : { code: code.replaceAll(/\s/g, '') }) }),
    onSuccess: onDone,
  });
  const passkey = useMutation({
    mutationFn: async () => room.passkeys.stepUp(await answerBy(await room.passkeys.stepUpOptions())),
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
        {passkey.isError &&
          (isProblem(passkey.error) ? (
            <Problem error={passkey.error} />
          ) : (
            <Text size="sm">It was not confirmed. Try again.</Text>
          ))}
        {hasPasskeys() && (
          <Button type="button" variant="default" loading={passkey.isPending} onClick={() => passkey.mutate()}>
            Use a passkey
          </Button>
        )}
        <Button type="button" variant="light" loading={show.isPending} onClick={() => show.mutate()}>
          Confirm
        </Button>
      </Stack>
    </Alert>
  );
}
