/** The record of GDPR art. 33(5): all incidents with facts, effects, measures and decisions, as an authority checks them. */
import { Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { IncidentRegister } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { counted } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useNames } from '../names.ts';
import { room } from '../room.ts';
import { timesIn, When } from '../when.tsx';
import { factSays } from './incident-history.tsx';
import { clockName, ClockState, Gravity, kindOf, phaseOf } from './incident-parts.tsx';

type Row = IncidentRegister['incidents'][number];

export function IncidentRegisterPage() {
  const found = useQuery({
    queryKey: ['incidents', 'register'],
    queryFn: () => room.incidents.register(),
    // each look is an entry of the log: none happens unasked
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const rows = found.data?.incidents ?? [];
  return (
    <Stack maw={860}>
      <Stack gap="xs">
        <Text component={Link} to="/incidents" size="sm" c="dimmed">
          ← Incidents
        </Text>
        <Group justify="space-between">
          <Title order={1} size="h2">
            Register of incidents
          </Title>
          {rows.length > 0 && (
            <Button
              component="a"
              variant="default"
              href={`data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(found.data, null, 2))}`}
              download="incident-register.json"
            >
              Download (JSON)
            </Button>
          )}
        </Group>
        <Text size="sm">
          Each incident with its facts, its effects and what was done, told or not (GDPR art. 33(5)). It writes itself
          from what was noted; nothing in it is changed afterwards.
        </Text>
      </Stack>
      {found.isPending && <Fetching what="the register" />}
      {found.isError && <Problem error={found.error} />}
      {found.data !== undefined && rows.length === 0 && (
        <Card withBorder>
          <Empty title="Nothing to record yet">
            What is reported is here from the first minute on. “Report something” is in the menu of everybody.
          </Empty>
        </Card>
      )}
      {rows.map((row) => (
        <One key={row.id} row={row} />
      ))}
    </Stack>
  );
}

/** As it happened, not as it was written down. */
const inTime = (a: Row['facts'][number], b: Row['facts'][number]): number =>
  Date.parse(a.happenedAt) - Date.parse(b.happenedAt) || a.seq - b.seq;

function One({ row }: { row: Row }) {
  const nameOf = useNames();
  const effects = row.effects as { subjects?: number; inClear?: number; classes?: readonly string[] } | null;
  return (
    <Card withBorder padding="sm" component="section" aria-label={row.receipt}>
      <Group gap="xs">
        <Title order={2} size="h4">
          {kindOf(row.kind)}
        </Title>
        <Gravity of={row.severity} />
        <Badge variant="light" color={row.phase === 'closed' ? 'gray' : 'blue'}>
          {phaseOf(row.phase)}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed">
        <span className="mono">{row.receipt}</span>, reported <When at={row.reportedAt} />
      </Text>
      <Said title="Facts">
        {row.facts.toSorted(inTime).map((fact) => (
          <Text key={fact.seq} size="sm" className="wrap">
            <When at={fact.happenedAt} />: {factSays(fact)}
            {fact.text === null ? '' : `: ${fact.text}`}
          </Text>
        ))}
      </Said>
      <Said title="Effects">
        <Text size="sm">
          {effects === null
            ? 'Nobody has asked the log yet.'
            : `At most ${counted(effects.subjects ?? 0, 'person', 'people')}, ${effects.inClear ?? 0} in clear; classes: ${effects.classes?.join(', ') || 'none'}.`}
        </Text>
      </Said>
      <Said title="Measures">
        <Text size="sm" className="wrap">
          {timesIn(row.measures.join('; ')) || 'None is noted as done.'}
        </Text>
      </Said>
      <Said title="Told and decided">
        {row.clocks.map((clock) => (
          <Stack key={clock.id} gap={2}>
            <Group gap="xs">
              <Text size="sm">{clockName(clock.id)}</Text>
              <ClockState of={clock} />
            </Group>
            {row.decisions
              .filter((each) => each.clock === clock.id)
              .map((each) => (
                <Text key={each.seq} size="sm" pl="md" className="wrap">
                  {each.what === 'notify' ? 'To tell' : 'Not to tell'}, {each.state}, by {nameOf(each.by)}
                  {each.settledBy !== null && ` and ${nameOf(each.settledBy)}`}: “{each.reasons}”
                </Text>
              ))}
          </Stack>
        ))}
      </Said>
    </Card>
  );
}

const Said = ({ title, children }: { title: string; children: React.ReactNode }) => (
  <Stack gap={2} mt="xs">
    <Title order={3} size="h6">
      {title}
    </Title>
    {children}
  </Stack>
);
