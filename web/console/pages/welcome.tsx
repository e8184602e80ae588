/** Come in by an invitation. The token stands behind the # of the link, so it reaches no server's log. */
import { Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { textOf } from '../../ui/form.ts';
import { Empty, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';

/** Out of the address, and out of the browser's history. */
function takeToken(): string {
  const hash = location.hash.slice(1);
  history.replaceState(null, '', location.pathname);
  try {
    return decodeURIComponent(hash);
  } catch {
    // cut off in the middle of a character: not whole
    return '';
  }
}

export function WelcomePage() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [token] = useState(takeToken);
  const accept = useMutation({
    mutationFn: (form: FormData) => {
      const text = (name: string): string => textOf(form, name).trim();
      const [email, name] = [text('email'), text('name')];
      return room.people.accept({
        token,
        password: textOf(form, 'password'),
        ...(email === '' ? {} : { email }),
        ...(name === '' ? {} : { name }),
      });
    },
    onSuccess: async () => {
      await queries.resetQueries();
      await navigate({ to: '/me', replace: true });
    },
  });
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    accept.mutate(new FormData(event.currentTarget));
  };
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={440}>
        {token === '' ? (
          <Empty title="This link is not whole">Open it again exactly as you received it.</Empty>
        ) : (
          <form onSubmit={send}>
            <Stack>
              <Title order={1} size="h3">
                Welcome to Strongroom
              </Title>
              <Text size="sm">
                Choose a password. Length is what counts: a sentence is fine, symbols are not needed. On the next page
                you add a passkey or an authenticator app: nothing is open before.
              </Text>
              <TextInput
                name="name"
                label="Your name"
                autoComplete="name"
                description="If it should be another than in your invitation"
              />
              <TextInput
                name="email"
                label="E-mail"
                type="email"
                autoComplete="username"
                description="Needed for the first administrator only"
              />
              <PasswordInput name="password" label="Password" autoComplete="new-password" required minLength={8} />
              {accept.isError && <Problem error={accept.error} />}
              <Button type="submit" loading={accept.isPending}>
                Come in
              </Button>
            </Stack>
          </form>
        )}
      </Paper>
    </Center>
  );
}
