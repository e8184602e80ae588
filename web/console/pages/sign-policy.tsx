/** A policy to be signed: what changed, all of it, the questions before it, and the signature. */
import { Alert, Badge, Button, Card, Code, Group, Radio, Stack, Text, Title } from '@mantine/core';
import type { PolicyToRead } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { Onward } from '../training-due.tsx';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';
import { Sections } from './text-tree.tsx';

export function SignPolicyPage({ policy }: { policy: string }) {
  const found = useQuery({ queryKey: ['policy text', policy], queryFn: () => room.education.policy(policy) });
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined) return <Fetching what="the policy" />;
  const { title, owner, seq, hash, signed, changes, sections, locale } = found.data;
  return (
    <Stack maw={720} lang={locale}>
      <Title order={1} size="h2">
        {title}
      </Title>
      <Text size="sm">
        Version {seq}, by the {owner}. Fingerprint of the text:{' '}
        <Code style={{ whiteSpace: 'nowrap' }}>{hash.slice(0, 12)}</Code>
      </Text>
      {signed?.hash === hash && (
        <Alert color="green" title="You have signed this text">
          <When at={signed.signedAt} />, entry {signed.entry} of the log.
        </Alert>
      )}
      {changes.length > 0 && <Changes changes={changes} />}
      <Sections sections={sections} />
      {signed?.hash !== hash && <Sign key={hash} policy={found.data} />}
      {signed?.hash === hash && <Onward done={{ kind: 'policy', id: policy }} />}
    </Stack>
  );
}

function Changes({ changes }: Pick<PolicyToRead, 'changes'>) {
  const other = changes.filter(({ how }) => how !== 'same');
  return (
    <Card withBorder component="section" aria-label="What changed">
      <Title order={2} size="h4">
        What changed
      </Title>
      <Stack gap="xs" mt="xs">
        {other.map(({ how, text }, at) => (
          <Group key={`${how} ${at}`} wrap="nowrap" align="flex-start" gap="xs">
            <Badge miw={90} variant="light" color={how === 'added' ? 'green' : 'red'}>
              {how === 'added' ? 'new' : 'taken out'}
            </Badge>
            <Text size="sm" td={how === 'removed' ? 'line-through' : undefined}>
              {text}
            </Text>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}

function Sign({ policy: { id, hash, locale, checks } }: { policy: PolicyToRead }) {
  const queries = useQueryClient();
  const [given, setGiven] = useState<readonly (number | null)[]>(checks.map(() => null));
  const sign = useMutation({
    mutationFn: () => room.education.sign(id, { hash, locale, answers: given.map((each) => each ?? 0) }),
    // what one may do follows at once
    onSuccess: () => queries.invalidateQueries(),
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    sign.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <Title order={2} size="h3">
          Before you sign
        </Title>
        {checks.map(({ asks, answers }, at) => (
          <Card withBorder key={asks}>
            <Radio.Group
              label={asks}
              value={String(given[at] ?? '')}
              onChange={(value) => setGiven((before) => before.with(at, Number(value)))}
            >
              <Stack gap="xs" mt="xs">
                {answers.map((answer, place) => (
                  <Radio key={answer} value={String(place)} label={answer} />
                ))}
              </Stack>
            </Radio.Group>
          </Card>
        ))}
        {sign.isError && <Refused error={sign.error} again={() => sign.mutate()} />}
        <Group>
          <Button type="submit" loading={sign.isPending} disabled={given.includes(null)}>
            I have read it, and will keep to it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
