/** What is to be told, by when, and what was decided about it: to tell takes one, not to tell takes two people. */
import { Alert, Badge, Box, Button, Card, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import type { Incident } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useSession } from '../session.ts';
import { useNames } from '../names.ts';
import { When } from '../when.tsx';
import { AuthorityDraft } from './incident-notices.tsx';
import { Faster, Written } from './incident-form.tsx';
import { clockName, clockSays, ClockState, Due } from './incident-parts.tsx';
import type { Work } from './incident.tsx';

type Clock = Incident['clocks'][number];
type Decision = Incident['decisions'][number];

export function IncidentClocks(work: Work) {
  const { clocks, id } = work.incident;
  return (
    <Card withBorder padding="sm" component="section" aria-label="what is to be told">
      <Title order={2} size="h4" mb="xs">
        What is to be told
      </Title>
      <Stack gap="md">
        {clocks.map((clock) => (
          <One key={clock.id} clock={clock} {...work} />
        ))}
        <AuthorityDraft id={id} />
      </Stack>
    </Card>
  );
}

function One({ clock, incident, may, write }: Work & { clock: Clock }) {
  const [doing, setDoing] = useState<'decide' | 'told' | null>(null);
  const decisions = incident.decisions.filter(({ clock: of }) => of === clock.id);
  const isOpen = incident.phase !== 'closed' && clock.doneAt === null;
  const waiting = decisions.some(({ state }) => state === 'proposed');
  return (
    <Stack gap={6} role="group" aria-label={clockName(clock.id)}>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {clockName(clock.id)}
        </Text>
        <ClockState of={clock} />
      </Group>
      <Passed clock={clock} />
      <Due of={clock} />
      {clock.number === 'ours' && (
        <Text size="xs" c="dimmed">
          {clock.source}: the law names no hours; this limit is ours
        </Text>
      )}
      {decisions.map((each) => (
        <Decided key={each.seq} decision={each} may={may && isOpen} write={write} incident={incident} />
      ))}
      {may && isOpen && clock.state !== 'waiting' && (
        <Group gap="xs">
          {!waiting && (
            <Button size="compact-sm" variant="default" onClick={() => setDoing('decide')}>
              Decide whether to tell
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => setDoing('told')}>
            Note that it was told
          </Button>
        </Group>
      )}
      {doing === 'decide' && <Decide clock={clock} incident={incident} may={may} write={write} onClose={() => setDoing(null)} />}
      {doing === 'told' && (
        <Written title={`${clockName(clock.id)}: told`} label="Note it" words="How, and under which reference" when="now" onClose={() => setDoing(null)} send={(said) => write({ kind: 'fact', fact: 'notified', clock: clock.id as never, ...said })}>
          <Text size="sm">Nothing is sent from here. Note when it went out: that ends this clock, in time or late.</Text>
        </Written>
      )}
    </Stack>
  );
} // prettier-ignore

/** How much of the time has gone, for who would rather look. */
function Passed({ clock: { startedAt, dueAt, doneAt, state }, clock }: { clock: Clock }) {
  if (startedAt === null || dueAt === null || state === 'not-needed') return null;
  const [from, to] = [Date.parse(startedAt), Date.parse(dueAt)];
  const at = doneAt === null ? Date.now() : Date.parse(doneAt);
  const gone = Math.min(100, Math.max(2, ((at - from) / Math.max(1, to - from)) * 100));
  const color = clockSays(clock)[1];
  return (
    <Box h={10} bg="var(--mantine-color-default-border)" style={{ borderRadius: 4 }} aria-hidden>
      <Box h={10} w={`${gone}%`} bg={`var(--mantine-color-${color}-filled)`} style={{ borderRadius: 4 }} />
    </Box>
  );
}

function Decided({ decision, may, write, incident }: { decision: Decision; may: boolean; write: Work['write']; incident: Incident }) {
  const [me, nameOf] = [useSession().data?.person, useNames()];
  const settle = useMutation({ mutationFn: (kind: 'approved' | 'refused') => write({ kind, decision: decision.seq }) });
  const isStale = decision.state === 'proposed' && newestScope(incident) !== (decision.scope ?? '');
  const colour = decision.outdated ? 'gray' : decision.state === 'approved' ? 'teal' : decision.state === 'refused' ? 'red' : 'orange';
  return (
    <Alert variant="light" color={colour} p="xs" title={decision.what === 'notify' ? 'To tell' : 'Not to tell'}>
      <Text size="sm" className="wrap">
        {decision.reasons}
      </Text>
      <Text size="xs" c="dimmed" className="wrap">
        {nameOf(decision.by)}, <When at={decision.at} />
        {decision.settledBy !== null && `; ${decision.state} by ${nameOf(decision.settledBy)}`}
        {decision.scope === null || decision.scope === '' ? '; the log was not asked before' : `; on the answer of the log with the hash ${decision.scope.slice(0, 8)}…`}
      </Text>
      {decision.state === 'proposed' && (
        <Group gap="xs" mt="xs">
          <Badge variant="light" color="orange">
            waits for another person
          </Badge>
          {may && decision.by !== me && (
            <>
              <Button size="compact-sm" disabled={isStale} loading={settle.isPending} onClick={() => settle.mutate('approved')}>
                Approve
              </Button>
              <Button size="compact-sm" variant="default" onClick={() => settle.mutate('refused')}>
                Refuse
              </Button>
            </>
          )}
        </Group>
      )}
      {decision.outdated && <Text size="sm">It holds no longer: more is known since. Decide anew.</Text>}
      {isStale && !decision.outdated && <Text size="sm">The log was asked anew since: refuse it, and propose it on what is known now.</Text>}
      {settle.isError && <Faster error={settle.error} again={() => settle.variables !== undefined && settle.mutate(settle.variables)} onLook={() => settle.reset()} />}
    </Alert>
  );
} // prettier-ignore

const newestScope = ({ timeline }: Incident): string => {
  const hash = timeline.findLast(({ kind }) => kind === 'scope')?.detail.hash;
  return typeof hash === 'string' ? hash : '';
};

function Decide({ clock, incident, write, onClose }: Work & { clock: Clock; onClose: () => void }) {
  const [what, setWhat] = useState<'notify' | 'not-notify'>('notify');
  const hasScope = newestScope(incident) !== '';
  return (
    <Written title={clockName(clock.id)} label={what === 'notify' ? 'Decide to tell' : 'Propose not to tell'} words="Why" needed send={({ text = '' }) => write({ kind: 'proposed', clock: clock.id as never, what, text })} onClose={onClose}>
      <SegmentedControl aria-label="what is decided" value={what} onChange={setWhat} data={[{ value: 'notify', label: 'Tell' }, { value: 'not-notify', label: 'Do not tell' }]} />
      <Text size="sm">
        {what === 'notify'
          ? 'It holds at once. Tell within the time, then note when.'
          : `Only where ${clock.id === 'gdpr-34' ? 'no high risk' : 'no risk'} for people is to be expected. Another person has to approve it; until then the clock runs on. It stays in the register, with your reasons.`}
      </Text>
      {!hasScope && <Alert color="orange" title="Nobody has asked the log yet whom it concerns">Ask it first, where you can: what is decided is decided on that.</Alert>}
    </Written>
  );
} // prettier-ignore
