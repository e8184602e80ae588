/** One version of the catalogue: what it changes, its text, and the second person's approval. */
import { Code, Stack, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { VersionHead } from '../versions.tsx';
import { CatalogueDiff } from './catalogue-diff.tsx';

export function CatalogueVersionPage({ version }: { version: string }) {
  const found = useQuery({
    queryKey: ['catalogue', version],
    queryFn: async () => ({
      ...(await room.collection.version(version)),
      diff: await room.collection.diff(version),
    }),
  });
  if (found.isPending) return <Fetching what="the version" />;
  if (found.isError) return <Problem error={found.error} />;
  const { hash, document, diff } = found.data;
  return (
    <Stack>
      <VersionHead
        version={found.data}
        back={{ to: '/catalogue/versions', title: 'Versions of the catalogue' }}
        waits="proposed"
        says="It holds from the next request on, on every server. What it changes is listed below."
        approveIt={room.collection.approve}
        activateIt={room.collection.activate}
        told={({ indexWork }) =>
          indexWork !== null && (
            <Text size="sm" role="status">
              The search index is made anew: {indexWork}. Until it is done, a search of what changed is not whole.
            </Text>
          )
        }
      />
      <Tabs defaultValue="changes" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="changes">What it changes</Tabs.Tab>
          <Tabs.Tab value="text">catalog.yaml</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="changes">
          <CatalogueDiff diff={diff} />
          <Text size="xs" c="dimmed" mt="xs" className="wrap">
            Approval is for exactly this text, by its SHA-256: <Code>{hash}</Code>
          </Text>
        </Tabs.Panel>
        <Tabs.Panel value="text">
          <Code block className="wrap" tabIndex={0} aria-label="catalog.yaml">
            {document}
          </Code>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
