/** What one is told, newest first: a click leads to where something is to be done about it. */
import { Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { Notice } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useNotices } from '../session.ts';
import { When } from '../when.tsx';

export function NoticesPage() {
  const queries = useQueryClient();
  const found = useNotices();
  const read = useMutation({
    mutationFn: (ids: readonly string[]) => room.notices.read(ids),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['notices'] }),
  });
  const notices = found.data?.notices ?? [];
  const unread = notices.filter((one) => !one.read).map(({ id }) => id);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Notices
        </Title>
        <Button
          variant="default"
          disabled={unread.length === 0}
          loading={read.isPending}
          onClick={() => read.mutate(unread)}
        >
          All read
        </Button>
      </Group>
      {found.isPending && <Fetching what="your notices" />}
      {found.isError && <Problem error={found.error} />}
      {read.isError && <Problem error={read.error} />}
      {found.isSuccess && notices.length === 0 && (
        <Empty title="Nothing to tell you">
          Requests that wait for you, alarms, answers to your requests, and what is about to end will stand here, and
          come by mail.
        </Empty>
      )}
      {notices.map((one) => (
        <OneNotice key={one.id} one={one} read={() => one.read || read.mutate([one.id])} />
      ))}
    </Stack>
  );
}

function OneNotice({ one, read }: { one: Notice; read: () => void }) {
  return (
    <Card withBorder padding="sm" component="article" opacity={one.read ? 0.85 : 1}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Stack gap={4}>
          <Group gap="xs">
            {one.urgent && <Badge color="red">alarm</Badge>}
            {!one.read && <Badge variant="light">new</Badge>}
            <Text size="sm" c="dimmed">
              <When at={one.lastAt} />
            </Text>
          </Group>
          <Text className="wrap" fw={one.read ? 400 : 600}>
            {one.says}
          </Text>
        </Stack>
        <Button component={Link} to={one.link} variant="default" size="compact-md" onClick={read}>
          Look
        </Button>
      </Group>
    </Card>
  );
}
