/** What somebody does with an incident: takes it, says how grave it is, notes, and moves it on. */
import { Alert, Button, Group, Select, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useSession } from '../session.ts';
import { Faster, Written } from './incident-form.tsx';
import {
  CLOCKS,
  clockName,
  kindOf,
  KINDS,
  PHASES,
  phaseOf,
  SEVERITIES,
  type Kind,
  type Phase,
} from './incident-parts.tsx';
import type { Change, Work } from './incident.tsx';

type Doing =
  | 'note'
  | 'aware'
  | 'high-risk'
  | 'grave'
  | 'clock'
  | Readonly<{ to: string; needs: readonly string[] }>
  | null;

const NEEDS: Readonly<Record<string, string>> = {
  reason: 'words that say why',
  scope: 'a scope that was asked of the log, or words why none can be',
  decided: 'a decision for each clock that runs',
  nobody: 'that nobody is to be told',
  told: 'that who was to be told has been, with the time noted',
};

export function IncidentWork({ incident, may, write }: Work) {
  const me = useSession().data?.person;
  const [doing, setDoing] = useState<Doing>(null);
  const take = useMutation({ mutationFn: () => write({ kind: 'owner', owner: me ?? '' }) });
  if (!may)
    return <Alert title="You can read along">Your role does not work on incidents: security and the data protection officer do.</Alert>;
  const onClose = () => setDoing(null);
  const onward = incident.next.filter(({ to }) => isOnward(incident.phase, to));
  const backward = incident.next.filter(({ to }) => !isOnward(incident.phase, to));
  return (
    <Stack gap="xs">
      <Group gap="xs">
        {incident.owner !== me && (
          <Button variant={incident.owner === null ? 'filled' : 'default'} loading={take.isPending} onClick={() => take.mutate()}>
            {incident.owner === null ? 'Take it' : 'Take it over'}
          </Button>
        )}
        {onward.map((move) => (
          <Button key={move.to} variant={incident.owner === null ? 'default' : 'filled'} onClick={() => setDoing(move)}>
            {move.to === 'closed' ? 'Close' : `On to: ${phaseOf(move.to)}`}
          </Button>
        ))}
        <Button variant="default" onClick={() => setDoing('note')}>
          Write a note
        </Button>
        {incident.phase !== 'closed' && (
          <>
        <Button variant="default" onClick={() => setDoing('aware')}>
          Set when it was known
        </Button>
        <Button variant="default" onClick={() => setDoing('high-risk')}>
          Say that the risk is high
        </Button>
        <Button variant="default" onClick={() => setDoing('grave')}>
          Say what it is
        </Button>
        <Button variant="default" onClick={() => setDoing('clock')}>
          Add a clock
        </Button>
          </>
        )}
        {backward.map((move) => (
          <Button key={move.to} variant="subtle" onClick={() => setDoing(move)}>
            {incident.phase === 'closed' ? 'Open it again' : `Back to: ${phaseOf(move.to)}`}
          </Button>
        ))}
      </Group>
      {take.isError && <Faster error={take.error} again={() => take.mutate()} onLook={() => take.reset()} />}
      {doing === 'note' && <Written title="Write a note" label="Write it down" words="What you saw or did" needed when="now" send={(said) => write({ kind: 'note', text: '', ...said })} onClose={onClose} />}
      {doing === 'aware' && (
        <Written title="Set when it was known here" label="Note it" words="By what" when="asked" send={(said) => write({ kind: 'fact', fact: 'aware', ...said })} onClose={onClose}>
          <Text size="sm">The hours to tell the authority count from then on: when somebody here was reasonably sure that personal data is concerned. The earliest that is noted counts.</Text>
        </Written>
      )}
      {doing === 'high-risk' && (
        <Written title="Say that the risk for people is high" label="Note it" words="What it may lead to for them" when="asked" send={(said) => write({ kind: 'fact', fact: 'high-risk', ...said })} onClose={onClose}>
          <Text size="sm">Then they are told too: the clock of GDPR art. 34 runs from that moment.</Text>
        </Written>
      )}
      {doing === 'grave' && <Grave incident={incident} write={write} onClose={onClose} />}
      {doing === 'clock' && <AddClock incident={incident} write={write} onClose={onClose} />}
      {doing !== null && typeof doing === 'object' && (
        <Written
          title={doing.to === 'closed' ? 'Close it' : `On to: ${phaseOf(doing.to)}`}
          label={doing.to === 'closed' ? 'Close it' : 'Move it'}
          words={doing.needs.includes('reason') ? 'Why, and what was learnt' : 'Words to it'}
          needed={doing.needs.includes('reason')}
          send={(said) => write({ kind: 'phase', to: doing.to as Phase, ...said })}
          onClose={onClose}
        >
          <Text size="sm">{PHASES[doing.to as Phase]?.[1]}</Text>
          {doing.needs.length > 0 && <Text size="sm">It needs {doing.needs.map((each) => NEEDS[each] ?? each).join('; ')}.</Text>}
        </Written>
      )}
    </Stack>
  );
} // prettier-ignore

const isOnward = (from: string, to: string): boolean => {
  const order = Object.keys(PHASES);
  return order.indexOf(to) > order.indexOf(from);
};

type Form = { incident: Work['incident']; write: (change: Change) => Promise<unknown>; onClose: () => void };

function Grave({ incident, write, onClose }: Form) {
  const [severity, setSeverity] = useState(incident.severity);
  const [kind, setKind] = useState(incident.kind);
  const send = async (): Promise<void> => {
    if (severity !== incident.severity) await write({ kind: 'severity', severity: severity as (typeof SEVERITIES)[number] });
    else await write({ kind: 'kind', is: kind as Kind });
  };
  const both = severity !== incident.severity && kind !== incident.kind;
  return (
    <Written title="Say what it is, and how grave" label="Note it" ready={!both && (severity !== incident.severity || kind !== incident.kind)} send={send} onClose={onClose}>
      <Select label="How grave" allowDeselect={false} openOnFocus={false} data={[...SEVERITIES]} value={severity} onChange={(next) => setSeverity(next ?? severity)} />
      <Select label="Kind" description="another kind brings its own tasks" allowDeselect={false} openOnFocus={false} data={Object.keys(KINDS).map((value) => ({ value, label: kindOf(value) }))} value={kind} onChange={(next) => setKind(next ?? kind)} />
      {both && <Text size="sm">One after the other: each is an entry of its own.</Text>}
    </Written>
  );
} // prettier-ignore

function AddClock({ incident, write, onClose }: Form) {
  const has = incident.clocks.map(({ id }) => id);
  const [clock, setClock] = useState<string | null>(null);
  return (
    <Written
      title="Add a clock"
      label="Add"
      ready={clock !== null}
      send={() => write({ kind: 'clocks', clocks: [...has, clock] as never })}
      onClose={onClose}
    >
      <Select
        label="Clock"
        description="none is taken out again: it is decided"
        openOnFocus={false}
        data={Object.keys(CLOCKS)
          .filter((id) => !has.includes(id))
          .map((value) => ({ value, label: clockName(value) }))}
        value={clock}
        onChange={setClock}
      />
    </Written>
  );
}
