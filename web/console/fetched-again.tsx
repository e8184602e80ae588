/** What could not be fetched, or not again: said, and tried once more when one asks for it. */
import { Alert, Button, Group, Stack } from '@mantine/core';
import { useQueryClient, type Query, type UseQueryResult } from '@tanstack/react-query';
import { use, useEffect, useEffectEvent, useState } from 'react';

import { SaidContext } from '../ui/said.ts';
import { Problem } from '../ui/states.tsx';
import { isMissing, isOutdated } from './queries.ts';

/** Where nothing of it came, and nothing else on the page would ask again. */
export const NotFetched = ({ of: { error, isFetching, refetch } }: { of: UseQueryResult }) => (
  <Stack align="flex-start">
    <Problem error={error} />
    <Button variant="default" loading={isFetching} onClick={() => void refetch()}>
      Try again
    </Button>
  </Stack>
);

/** A part that says its trouble by itself does so in this time after it came. */
const SAID_MS = 250;

/** Over a page that shows what was fetched before, or lacks something that no part of it says: see queries.ts. */
export function Outdated() {
  const queries = useQueryClient();
  const said = use(SaidContext);
  const [lacks, setLacks] = useState<'nothing' | 'news' | 'parts'>('nothing');
  const isUnsaid = (query: Query): boolean => isMissing(query) && said?.has(query.state.error) !== true;
  const look = useEffectEvent(() => {
    const active = queries.getQueryCache().findAll({ type: 'active' });
    setLacks(active.some(isUnsaid) ? 'parts' : active.some(isOutdated) ? 'news' : 'nothing');
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      clearTimeout(timer);
      timer = setTimeout(look, SAID_MS);
    };
    const ends = [queries.getQueryCache().subscribe(soon), said?.subscribe(soon)];
    return () => {
      clearTimeout(timer);
      for (const end of ends) end?.();
    };
  }, [queries, said]);
  if (lacks === 'nothing') return null;
  const again = (): void =>
    void queries.refetchQueries({ type: 'active', predicate: (query) => isOutdated(query) || isUnsaid(query) });
  return (
    <Alert
      color="yellow"
      mb="md"
      className="outdated"
      title={lacks === 'parts' ? 'Not all of this page is here' : 'What you see may have changed'}
      role="alert"
    >
      <Group>
        {lacks === 'parts' ? 'Some of it could not be fetched.' : 'It could not be fetched again.'} What you typed is
        still here.
        <Button variant="default" size="compact-sm" onClick={again}>
          Try again
        </Button>
      </Group>
    </Alert>
  );
}
