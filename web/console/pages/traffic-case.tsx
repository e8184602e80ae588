/** One case: what was found and why, what was done, whom it concerns, and what can be done. */
import { Badge, Button, Card, Code, Grid, Group, Stack, Text, Timeline, Title } from '@mantine/core';
import type { TrafficAlert, WholeCase } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { counted } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { shortIdsIn, useDoers } from '../names.ts';
import { room } from '../room.ts';
import { useSession, useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { CaseWork } from './traffic-case-work.tsx';
import { Customer } from './traffic-customer.tsx';
import { Events } from './traffic-events.tsx';
import { CaseState, MeasureBar, noteInWords, Severity, Who } from './traffic-parts.tsx';

const CUSTOMERS = 50;

export function TrafficCasePage({ id }: { id: string }) {
  const who = useWhoAmI();
  const found = useQuery({
    queryKey: ['traffic', 'case', id],
    queryFn: ({ signal }) => room.traffic.case(id, { signal }),
    refetchInterval: 10_000,
  });
  if (found.isPending) return <Fetching what="the case" />;
  if (found.data === undefined) return <Problem error={found.error} />;
  const one = found.data;
  return (
    <Stack>
      <div>
        <Text component={Link} to="/traffic/cases" size="sm" c="dimmed">
          ← Cases
        </Text>
        <Group gap="xs">
          <Title order={1} size="h2">
            {one.title}
          </Title>
          <Severity of={one.severity} />
          <CaseState of={one} />
        </Group>
        <Text size="sm" c="dimmed" className="wrap">
          About <Who id={one.about} />; opened <When at={one.openedAt} />, last alert <When at={one.lastAt} />;{' '}
          <Owner owner={one.owner} />
        </Text>
      </div>
      {found.isError && <Problem error={found.error} />}
      <CaseWork found={one} actions={who.data?.actions ?? []} />
      {/* side by side only where the events that show it have room for all their columns */}
      <Grid align="start">
        <Grid.Col span={{ base: 12, xl: 8 }}>
          <Alerts found={one} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, xl: 4 }}>
          <Stack>
            <Steps steps={one.steps} />
            <Customers found={one} mayRead={who.data?.actions.includes('records.read') === true} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function Owner({ owner }: { owner: string | null }) {
  const nameOf = useDoers();
  const me = useSession().data?.person;
  if (owner === null) return <>nobody works on it</>;
  return owner === me ? <>you work on it</> : <>{nameOf(owner)} works on it</>;
}

const Alerts = ({ found }: { found: WholeCase }) => (
  <Card withBorder padding="sm">
    <Title order={2} size="h4" mb="xs">
      {found.alerts === 1 ? 'The alert' : `${found.alerts.toLocaleString()} alerts`}
    </Title>
    {found.newestAlerts.length < found.alerts && (
      <Text size="sm" mb="xs">
        The newest {found.newestAlerts.length} are shown.
      </Text>
    )}
    <Stack gap="md" role="list">
      {found.newestAlerts.map((alert) => (
        <OneAlert key={alert.uid} caseId={found.id} alert={alert} />
      ))}
    </Stack>
  </Card>
);

function OneAlert({ caseId, alert }: { caseId: string; alert: TrafficAlert }) {
  const [open, setOpen] = useState(false);
  const evidence = useQuery({
    queryKey: ['traffic', 'evidence', alert.uid],
    queryFn: () => room.traffic.evidence(caseId, alert.uid),
    enabled: open,
    // each look is an entry of the log: none happens unasked
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div role="listitem">
      <Group gap="xs">
        <Severity of={alert.severity} />
        <Text size="sm" fw={600}>
          {alert.title}
        </Text>
        <Text size="xs" c="dimmed">
          <When at={alert.at} />
        </Text>
      </Group>
      <Text size="sm" className="wrap" mt={4}>
        {shortIdsIn(alert.reason)}
      </Text>
      <MeasureBar of={alert.measure} />
      <Group gap="xs" mt={6}>
        <Code className="wrap">{alert.rule}</Code>
        {alert.attack.map((technique) => (
          <Badge key={technique} variant="default" size="sm" title="MITRE ATT&CK">
            {technique}
          </Badge>
        ))}
        <Button size="compact-sm" variant="light" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide what shows it' : 'See what shows it'}
        </Button>
      </Group>
      {open && evidence.isPending && <Fetching what="events" />}
      {open && evidence.isError && <Problem error={evidence.error} />}
      {open && evidence.data !== undefined && <Events events={evidence.data.events} label="events that show it" />}
    </div>
  );
}

function Steps({ steps }: Pick<WholeCase, 'steps'>) {
  const nameOf = useDoers();
  return (
    <Card withBorder padding="sm">
      <Title order={2} size="h4" mb="sm">
        What was done
      </Title>
      {steps.length === 0 ? (
        <Empty title="Nothing yet">Take the case, so that others know that somebody looks.</Empty>
      ) : (
        <Timeline bulletSize={14} lineWidth={2} active={steps.length}>
          {steps.map((step, n) => (
            <Timeline.Item key={n} title={SAID[step.kind] ?? step.kind}>
              <Text size="sm" className="wrap">
                {step.kind === 'note' ? step.note : noteInWords(step.note)}
              </Text>
              <Text size="xs" c="dimmed" className="wrap">
                <When at={step.at} /> by {nameOf(step.by)}
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </Card>
  );
}
const SAID: Readonly<Record<string, string>> = {
  open: 'Opened',
  take: 'Taken',
  note: 'Noted',
  action: 'Done',
  done: 'Carried out',
  failed: 'Could not be done',
  shadow: 'Only rehearsed',
  limit: 'Held back by its limit',
  close: 'Closed',
  severity: 'Graver now',
};

function Customers({ found, mayRead }: { found: WholeCase; mayRead: boolean }) {
  const [all, setAll] = useState(false);
  const { subjects, customers } = found;
  return (
    <Card withBorder padding="sm">
      <Title order={2} size="h4" mb="xs">
        {customers === 0 ? 'Customers' : counted(customers, 'customer')}
      </Title>
      {subjects.length === 0 ? (
        <Text size="sm">No customer is known to be concerned.</Text>
      ) : (
        <Stack gap={4}>
          {!mayRead && (
            <Text size="sm" c="dimmed">
              Your role does not read customers: hand these ids to whoever answers them.
            </Text>
          )}
          {subjects.slice(0, all ? subjects.length : CUSTOMERS).map((id) =>
            mayRead ? (
              <Customer key={id} id={id} />
            ) : (
              <Text key={id} size="sm" className="mono wrap">
                {id}
              </Text>
            ),
          )}
          {!all && subjects.length > CUSTOMERS && (
            <Button size="compact-sm" variant="subtle" onClick={() => setAll(true)}>
              Show {(subjects.length - CUSTOMERS).toLocaleString()} more
            </Button>
          )}
          {all && customers > subjects.length && <Text size="sm">The case names 1,000 at most here.</Text>}
        </Stack>
      )}
    </Card>
  );
}
