/** A draft of roles and policies: what it would change, then proposed to somebody else. Nothing is kept before that. */
import { Button, Card, Group, Stack, Title } from '@mantine/core';
import type { PolicyDocument } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { Problem } from '../../ui/states.tsx';
import { policyChanges, roleChanges } from '../role-changes.ts';
import { room } from '../room.ts';
import { ProposeIt } from '../versions.tsx';
import { DocumentDiff, Review } from './policy-changes.tsx';

export function Draft({
  document,
  before,
  onDiscard,
}: {
  document: PolicyDocument;
  before: PolicyDocument;
  onDiscard: () => void;
}) {
  const navigate = useNavigate();
  const look = useMutation({
    mutationFn: async (asked: PolicyDocument) => ({ asked, review: await room.policies.test(asked) }),
  });
  const propose = useMutation({
    mutationFn: (note: string) => room.policies.propose(document, note),
    onSuccess: async ({ version }) => {
      onDiscard();
      await navigate({ to: `/policies/${version.id}` });
    },
  });
  const count =
    roleChanges(before.roles, document.roles).length + policyChanges(before.policies, document.policies).length;
  if (count === 0) return null;
  // what was said of another text says nothing of this one
  const review = look.data?.asked === document ? look.data.review : undefined;
  return (
    <Card withBorder component="section" aria-label="draft">
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h4">
            Your draft: {count} {count === 1 ? 'change' : 'changes'}
          </Title>
          <Group>
            <Button variant="default" onClick={onDiscard}>
              Discard
            </Button>
            <Button variant="default" onClick={() => look.mutate(document)} loading={look.isPending}>
              What would it change?
            </Button>
          </Group>
        </Group>
        <DocumentDiff before={before} after={document} />
        {review !== undefined && <Review review={review} />}
        {(look.isError || propose.isError) && <Problem error={look.error ?? propose.error} />}
        <ProposeIt
          ready={review !== undefined}
          isPending={propose.isPending}
          propose={(note) => propose.mutate(note)}
        />
      </Stack>
    </Card>
  );
}
