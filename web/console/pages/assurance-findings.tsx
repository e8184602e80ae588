/** Findings, the one that is due first. */
import { Card, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Pager } from '../../ui/pager.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { FoundRows } from './assurance-parts.tsx';

const STATES = ['open', 'accepted', 'verified fixed', 'all'] as const;
const MOST = 100;

export function AssuranceFindingsPage() {
  const [state, setState] = useState<(typeof STATES)[number]>('open');
  const [after, setAfter] = useState<string | null>(null);
  const findings = useQuery({
    queryKey: ['assurance', 'findings', state, after],
    queryFn: ({ signal }) =>
      room.assurance.findings({ state, limit: MOST, ...(after === null ? {} : { after }) }, { signal }),
  });
  const next = findings.data?.next ?? null;
  return (
    <Stack>
      <Title order={1} size="h2">
        Findings
      </Title>
      <Text size="sm">
        What a control test found is closed by that test alone. What a scanner no longer names waits until somebody has
        tried it again.
      </Text>
      <Group>
        <SegmentedControl
          aria-label="state of findings"
          value={state}
          onChange={(chosen) => {
            setState(chosen);
            setAfter(null);
          }}
          data={[...STATES]}
        />
      </Group>
      {findings.isPending && <Fetching what="findings" />}
      {findings.isError && <Problem error={findings.error} />}
      {findings.data?.findings.length === 0 && (
        <Card withBorder>
          <Empty title={state === 'open' ? 'No finding is open' : 'There is none'}>
            A test that fails, a scanner’s report or an advisory opens one.
          </Empty>
        </Card>
      )}
      {findings.data !== undefined && findings.data.findings.length > 0 && (
        <FoundRows title="Due first" findings={findings.data.findings} />
      )}
      <Pager before={after} next={next} turn={setAfter} words={['First', 'Later']} />
    </Stack>
  );
}
