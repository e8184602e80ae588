/** Versions of the policies: who proposed, who approved, which holds. */
import { Button, Group, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { VersionList } from '../versions.tsx';

export function PoliciesPage() {
  const list = useQuery({ queryKey: ['policies'], queryFn: () => room.policies.list() });
  if (list.isPending) return <Fetching what="policies" />;
  if (list.isError) return <Problem error={list.error} />;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Policies
        </Title>
        <Button component={Link} to="/policies/active">
          What holds now
        </Button>
      </Group>
      <VersionList versions={list.data.versions} at="/policies" first="shipped" />
    </Stack>
  );
}
