/** One version of the catalogue: what it changes, its text, and the second person's approval. */
import { Badge, Button, Code, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { isProblem } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Confirm } from '../../ui/confirm.tsx';
import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useSession } from '../session.ts';
import { CatalogueDiff } from './catalogue-diff.tsx';
import { VERSION_COLOURS } from './catalogue-versions.tsx';
import { StepUp } from './step-up.tsx';

export function CatalogueVersionPage({ version }: { version: string }) {
  const queries = useQueryClient();
  const session = useSession();
  const found = useQuery({
    queryKey: ['catalogue', version],
    queryFn: async () => ({
      ...(await room.collection.version(version)),
      diff: await room.collection.diff(version),
    }),
  });
  const anew = () => queries.invalidateQueries();
  const approve = useMutation({
    mutationFn: ({ id, hash }: { id: string; hash: string }) => room.collection.approve(id, hash),
    onSuccess: anew,
  });
  const activate = useMutation({ mutationFn: (id: string) => room.collection.activate(id), onSuccess: anew });
  if (found.isPending) return <Fetching what="the version" />;
  if (found.isError) return <Problem error={found.error} />;
  const { id, hash, state, note, document, proposedBy, diff } = found.data;
  const mine = proposedBy === session.data?.person;
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Text component={Link} to="/catalogue/versions" size="sm" c="dimmed">
            ← Versions of the catalogue
          </Text>
          <Group gap="xs">
            <Title order={1} size="h2">
              Version …{id.slice(-8)}
            </Title>
            <Badge variant="light" color={VERSION_COLOURS[state] ?? 'gray'}>
              {state}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        </div>
        <Group>
          {state === 'proposed' && mine && <Text size="sm">Somebody else has to approve it.</Text>}
          {state === 'proposed' && !mine && (
            <Button onClick={() => approve.mutate({ id, hash })} loading={approve.isPending}>
              Approve
            </Button>
          )}
          {state === 'approved' && (
            <Confirm
              label="Activate"
              title="Activate this version?"
              variant="filled"
              loading={activate.isPending}
              onYes={() => activate.mutate(id)}
            >
              It holds from the next request on, on every server. What it changes is listed below.
            </Confirm>
          )}
        </Group>
      </Group>
      {approve.isError &&
        (isProblem(approve.error) && approve.error.status === 401 ? (
          <StepUp onDone={() => approve.mutate({ id, hash })} />
        ) : (
          <Problem error={approve.error} />
        ))}
      {activate.isError && <Problem error={activate.error} />}
      {activate.data?.indexWork !== undefined && activate.data.indexWork !== null && (
        <Text size="sm" role="status">
          The search index is made anew: {activate.data.indexWork}. Until it is done, a search of what changed is not
          whole.
        </Text>
      )}
      <Tabs defaultValue="changes" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="changes">What it changes</Tabs.Tab>
          <Tabs.Tab value="text">catalog.yaml</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="changes">
          <CatalogueDiff diff={diff} />
          <Text size="xs" c="dimmed" mt="xs" className="wrap mono">
            approval is for {hash}
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
