/** One incident: where it stands, what is still to be told and done, whom it concerns, and all that was written down. */
import { Badge, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { Incident, IncidentChange } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Fetching, Problem } from '../../ui/states.tsx';
import { useNames } from '../names.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { IncidentClocks } from './incident-clocks.tsx';
import { Gravity, kindOf, PHASES, phaseOf } from './incident-parts.tsx';
import { Scopes } from './incident-scopes.tsx';
import { Tasks } from './incident-tasks.tsx';
import { History } from './incident-history.tsx';
import { IncidentWork } from './incident-work.tsx';

/** A change without the version that was read, which is the same for all of them. */
export type Change = IncidentChange extends infer One ? (One extends { version: number } ? Omit<One, 'version'> : never) : never; // prettier-ignore
export type Work = Readonly<{ incident: Incident; may: boolean; write: (change: Change) => Promise<unknown> }>;

export function IncidentPage({ id }: { id: string }) {
  const [who, nameOf, queries] = [useWhoAmI(), useNames(), useQueryClient()];
  const key = ['incidents', 'one', id];
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => room.incidents.get(id, { signal }),
    // each look is an entry of the log: none happens unasked
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const change = useMutation({
    mutationFn: (wanted: Change) => room.incidents.change(id, { ...wanted, version: found.data?.version ?? 1 }), // prettier-ignore
    onSuccess: (now) => {
      queries.setQueryData(key, now);
      return queries.invalidateQueries({ queryKey: ['incidents', 'list'] });
    },
  });
  if (found.isPending) return <Fetching what="the incident" />;
  if (found.data === undefined) return <Problem error={found.error} />;
  const incident = found.data;
  const again = (): void => void found.refetch();
  const work: Work = {
    incident,
    may: who.data?.actions.includes('incidents.manage') === true,
    write: (wanted) => change.mutateAsync(wanted),
  };
  return (
    <Stack>
      <div>
        <Text component={Link} to="/incidents" size="sm" c="dimmed">
          ← Incidents
        </Text>
        <Group gap="xs">
          <Title order={1} size="h2">
            {kindOf(incident.kind)}
          </Title>
          <Gravity of={incident.severity} />
          <Badge variant="light" color={incident.phase === 'closed' ? 'gray' : 'blue'}>
            {phaseOf(incident.phase)}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed" className="wrap">
          <span className="mono">{incident.receipt}</span>, reported <When at={incident.reportedAt} />;{' '}
          {incident.owner === null ? 'nobody leads it yet' : `${nameOf(incident.owner)} leads it`}
        </Text>
      </div>
      <Way phase={incident.phase} />
      <IncidentWork {...work} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
        <IncidentClocks {...work} />
        <Tasks {...work} />
      </SimpleGrid>
      <Scopes {...work} onAsked={again} />
      <History incident={incident} />
    </Stack>
  );
}

/** Where one is on the way, in words too. */
function Way({ phase }: { phase: string }) {
  const names = Object.entries(PHASES);
  const at = names.findIndex(([name]) => name === phase);
  return (
    <Group gap={6} role="list" aria-label="phases" className="way">
      {names.map(([name, [title, says]], n) => (
        <Badge
          key={name}
          role="listitem"

          size="lg"
          variant={n === at ? 'filled' : n < at ? 'light' : 'default'}
          color={n < at ? 'teal' : 'blue'}
          title={says}
          aria-current={n === at ? 'step' : undefined}
        >
          {n < at ? '✓ ' : ''}
          {title}
        </Badge>
      ))}
      <Text size="sm" c="dimmed">
        {PHASES[phase as keyof typeof PHASES]?.[1]}
      </Text>
    </Group>
  );
}
