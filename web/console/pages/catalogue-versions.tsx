/** Versions of the catalogue: who proposed, who approved, which holds. */
import { Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { VersionList } from '../versions.tsx';

export function CatalogueVersionsPage() {
  const list = useQuery({ queryKey: ['catalogues'], queryFn: () => room.collection.versions() });
  if (list.isPending) return <Fetching what="versions" />;
  if (list.isError) return <Problem error={list.error} />;
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Text component={Link} to="/catalogue" size="sm" c="dimmed">
            ← Catalogue
          </Text>
          <Title order={1} size="h2">
            Versions of the catalogue
          </Title>
        </div>
      </Group>
      <VersionList versions={list.data.versions} at="/catalogue/versions" first="the first file" />
    </Stack>
  );
}
