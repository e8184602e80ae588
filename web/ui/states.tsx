/** What a page shows instead of content: that it is being fetched, that there is none yet, or why there is none. */
import { Alert, Center, Code, Loader, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { isProblem } from '@strongroom/sdk';
import { use, useEffect, type ReactNode } from 'react';

import { capital } from './capital.ts';
import { lacksIn, LearnIt, useTitled } from './lacking.tsx';
import { SaidContext } from './said.ts';

export function Fetching({ what }: { what: string }) {
  return (
    <Center p="xl" role="status" aria-label={`fetching ${what}`}>
      <Loader />
    </Center>
  );
}

/** Says what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" p="xl">
      <Title order={3} size="h4" ta="center">
        {title}
      </Title>
      <Text c="dimmed" ta="center" maw={460} component="div" style={{ textWrap: 'balance' }}>
        {children}
      </Text>
    </Stack>
  );
}

const MAY_BE_DONE =
  'Where you were sending something, it may have arrived all the same: look before you send it again.';
/** Where no server said anything, the client did: to whoever writes programs with it. */
const UNANSWERED: Readonly<Record<string, Readonly<{ title: string; hint: string }>>> = {
  SDK_UNREACHABLE: { title: 'the server could not be reached', hint: `are you online? ${MAY_BE_DONE}` },
  SDK_TIMEOUT: { title: 'the server did not answer in time', hint: `it may be busy. ${MAY_BE_DONE}` },
  SDK_NOT_STRONGROOM: { title: 'something else answered in place of the server', hint: `it may be starting again: wait a minute. ${MAY_BE_DONE}` },
}; // prettier-ignore

/** A problem in the words of the server: what was wrong, what to do, and the code to ask by. */
export function Problem({ error }: { error: unknown }) {
  const { title, hint, code } = isProblem(error)
    ? { title: error.message, hint: error.hint, ...UNANSWERED[error.code], code: error.code }
    : { title: 'Something went wrong in this page.', hint: 'Load it again.', code: null };
  const said = use(SaidContext);
  useEffect(() => said?.add(error), [said, error]);
  const lacks = lacksIn(error);
  const titled = useTitled(lacks);
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={capital(titled(title))} role="alert">
      {capital(hint)} {code !== null && <Code>{code}</Code>}
      <LearnIt lacks={lacks} />
    </Alert>
  );
}
