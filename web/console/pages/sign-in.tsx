/** Sign in by password, and a code where there is an authenticator app. The answer is the same whatever was wrong. */
import { Anchor, Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconFingerprint, IconLogin2, IconShieldLock } from '@tabler/icons-react';
import { isProblem } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { textOf } from '../../ui/form.ts';
import { Problem } from '../../ui/states.tsx';
import { answerBy, hasPasskeys } from '../passkey.ts';
import { room } from '../room.ts';

export function SignIn() {
  const queries = useQueryClient();
  const [recovery, setRecovery] = useState(false);
  const signIn = useMutation({
    mutationFn: (form: FormData) => {
      const text = (name: string): string => textOf(form, name).trim();
      const code = text('code').replaceAll(/\s/g, '');
      const second = code === '' ? {} : recovery ? { recoveryCode: code } : { code };
      return room.session.signIn({ email: text('email'), password: textOf(form, 'password'), ...second });
    },
    onSuccess: () => queries.resetQueries(),
  });
  const ways = useQuery({ queryKey: ['ways-in'], queryFn: () => room.session.waysIn() });
  const provider = ways.data?.provider ?? null;
  const passkey = useMutation({
    mutationFn: async () => room.passkeys.signIn(await answerBy(await room.passkeys.signInOptions())),
    onSuccess: () => queries.resetQueries(),
  });
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    signIn.mutate(new FormData(event.currentTarget));
  };
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p={{ base: 'lg', xs: 'xl' }} w="100%" maw={400}>
        <form onSubmit={send}>
          <Stack>
            <Group gap="xs" wrap="nowrap">
              <IconShieldLock aria-hidden style={{ flexShrink: 0 }} />
              <Title order={1} size="h3">
                Sign in to Strongroom
              </Title>
            </Group>
            <TextInput name="email" label="E-mail" type="email" autoComplete="username" required autoFocus />
            <PasswordInput name="password" label="Password" autoComplete="current-password" required />
            <TextInput
              name="code"
              label={recovery ? 'Recovery code' : 'Code of your authenticator app'}
              description="Leave it empty if you have none yet"
              autoComplete="one-time-code"
              inputMode={recovery ? 'text' : 'numeric'}
            />
            <Anchor component="button" type="button" size="sm" onClick={() => setRecovery(!recovery)}>
              {recovery ? 'Use the authenticator app' : 'Use a recovery code'}
            </Anchor>
            {signIn.isError && <Problem error={signIn.error} />}
            {passkey.isError &&
              (isProblem(passkey.error) ? (
                <Problem error={passkey.error} />
              ) : (
                <Text size="sm" role="alert">
                  It was not confirmed. Try again.
                </Text>
              ))}
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
            {hasPasskeys() && (
              <Button
                type="button"
                variant="default"
                leftSection={<IconFingerprint aria-hidden size={18} />}
                onClick={() => passkey.mutate()}
                loading={passkey.isPending}
              >
                Sign in with a passkey
              </Button>
            )}
            {provider !== null && (
              <Button
                component="a"
                href="/v1/access/session/oidc"
                variant="default"
                leftSection={<IconLogin2 aria-hidden size={18} />}
              >
                Sign in by {provider}
              </Button>
            )}
            <Text size="sm" c="dimmed">
              No account? Ask an administrator for an invitation. You are the very first? Whoever set up the server has
              a link for you: it is in a file in its home folder.
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
