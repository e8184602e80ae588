/** What could not be fetched, or not again: said, and tried once more when one asks for it. */
import { Alert, Button, Group, Stack } from '@mantine/core';
import { notifyManager, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';

import { Problem } from '../ui/states.tsx';
import { isOutdated } from './queries.ts';

/** Where nothing of it came, and nothing else on the page would ask again. */
export const NotFetched = ({ of: { error, isFetching, refetch } }: { of: UseQueryResult }) => (
  <Stack align="flex-start">
    <Problem error={error} />
    <Button variant="default" loading={isFetching} onClick={() => void refetch()}>
      Try again
    </Button>
  </Stack>
);

/** Over a page that shows what was fetched before: see queries.ts. */
export function Outdated() {
  const queries = useQueryClient();
  const cache = queries.getQueryCache();
  const isAny = useSyncExternalStore(
    useCallback((tell) => cache.subscribe(notifyManager.batchCalls(tell)), [cache]),
    () => cache.findAll({ type: 'active' }).some(isOutdated),
  );
  if (!isAny) return null;
  const again = (): void => void queries.refetchQueries({ type: 'active', predicate: isOutdated });
  return (
    <Alert color="yellow" mb="md" className="outdated" title="What you see may have changed" role="alert">
      <Group>
        It could not be fetched again. What you typed is still here.
        <Button variant="default" size="compact-sm" onClick={again}>
          Try again
        </Button>
      </Group>
    </Alert>
  );
}
