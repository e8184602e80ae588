/** Whom it concerns: asked of the log, kept as it was found; how many of which class, what the log cannot say, and who. */
import { Alert, Badge, Button, Card, Code, Group, List, Stack, Text, Title } from '@mantine/core';
import type { IncidentScope } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Bars } from '../../ui/bars.tsx';
import { counted } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { shortIdsIn, useDoers } from '../names.ts';
import { room } from '../room.ts';
import { timesIn, When } from '../when.tsx';
import { AskScope } from './incident-ask.tsx';
import { Concerned } from './incident-concerned.tsx';
import { SubjectDrafts } from './incident-notices.tsx';
import type { Work } from './incident.tsx';

export function Scopes({ incident, may, onAsked }: Work & { onAsked: () => void }) {
  const [asking, setAsking] = useState(false);
  const key = ['incidents', 'scopes', incident.id];
  const found = useQuery({ queryKey: key, queryFn: () => room.incidents.scopes(incident.id) });
  const scopes = found.data?.scopes ?? [];
  const mayAsk = may && incident.phase !== 'closed';
  return (
    <Card withBorder padding="sm" component="section" aria-label="whom it concerns">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          Whom it concerns
        </Title>
        {mayAsk && (
          <Button size="compact-sm" variant={scopes.length === 0 ? 'filled' : 'default'} onClick={() => setAsking(true)}>
            Ask the log
          </Button>
        )}
      </Group>
      {found.isPending && <Fetching what="scopes" />}
      {found.isError && <Problem error={found.error} />}
      {found.data !== undefined && scopes.length === 0 && (
        <Empty title="Nobody has asked yet">
          Before any value leaves, the log has an entry. Ask it whose data a key, a person, a grant or a request reached,
          and from when to when: begin too early rather than too late.
        </Empty>
      )}
      <Stack gap="lg">
        {scopes.map((scope, n) => (
          <One key={scope.id} scope={scope} incident={incident.id} isNewest={n === 0} />
        ))}
      </Stack>
      {asking && (
        <AskScope
          incident={incident}
          onClose={() => setAsking(false)}
          onAsked={async () => {
            setAsking(false);
            await found.refetch();
            onAsked();
          }}
        />
      )}
    </Card>
  );
} // prettier-ignore

function One({ scope, incident, isNewest }: { scope: IncidentScope; incident: string; isNewest: boolean }) {
  const [open, setOpen] = useState<'who' | 'drafts' | null>(null);
  const nameOf = useDoers();
  const { totals, criteria, says } = scope;
  const toggle = (what: 'who' | 'drafts') => () => setOpen(open === what ? null : what);
  return (
    <Stack gap="xs" role="group" aria-label={`asked ${new Date(scope.askedAt).toLocaleString()}`}>
      <Group gap="xs">
        <Text fw={600}>{totals.subjects === 0 ? 'Nobody was found' : `At most ${counted(totals.subjects, 'person', 'people')}`}</Text>
        {!isNewest && (
          <Badge variant="default">
            asked anew since
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed" className="wrap">
        {[...criteria.actors, ...criteria.grants, ...criteria.requests].map((id, n) => (
          <span key={id} title={id}>
            {n === 0 ? '' : ', '}
            {nameOf(id)}
          </span>
        ))}
        , from <When at={criteria.from} /> to <When at={criteria.to} />; asked{' '}
        <When at={scope.askedAt} /> by {nameOf(scope.askedBy)}, in {counted(totals.entries, 'entry', 'entries')} of {scope.logSize.toLocaleString()}; kept with the hash <Code>{scope.hash.slice(0, 8)}…</Code>
      </Text>
      {totals.subjects > 0 && (
        <Bars
          label="how much they lost"
          unit="people"
          of={totals.subjects}
          bars={[
            { label: 'in clear', value: totals.inClear, color: 'var(--mantine-color-red-filled)' },
            { label: 'masked only', value: totals.maskedOnly, color: 'var(--mantine-color-orange-filled)' },
            { label: 'known only', value: totals.knownOnly, color: 'var(--mantine-color-blue-filled)' },
          ]}
        />
      )}
      {(totals.byClass ?? []).length > 0 && (
        <>
          <Text size="sm" fw={600}>
            In clear, by class
          </Text>
          <Bars label="people by class, in clear" unit="people" of={totals.subjects} bars={(totals.byClass ?? []).map(({ class: label, clear }) => ({ label, value: clear }))} />
        </>
      )}
      <Alert variant="light" color="gray" p="xs" title="What this cannot say">
        <List size="sm">
          {says.map((each) => (
            <List.Item key={each}>{timesIn(shortIdsIn(each))}</List.Item>
          ))}
        </List>
      </Alert>
      {totals.subjects > 0 && (
        <Group gap="xs">
          <Button size="compact-sm" variant="default" aria-expanded={open === 'who'} onClick={toggle('who')}>
            {open === 'who' ? 'Hide who' : 'See who'}
          </Button>
          <Button size="compact-sm" variant="default" aria-expanded={open === 'drafts'} onClick={toggle('drafts')}>
            {open === 'drafts' ? 'Hide the letters' : 'Letters to them'}
          </Button>
        </Group>
      )}
      {open === 'who' && <Concerned incident={incident} scope={scope.id} />}
      {open === 'drafts' && <SubjectDrafts incident={incident} scope={scope.id} />}
    </Stack>
  );
} // prettier-ignore
