/** What a person says of a finding besides moving it: whose it is, how bad, that it is another one, or that it does not hold here. */
import { Button, Group, Select, Textarea, TextInput } from '@mantine/core';
import type { FindingChange, WholeFinding } from '@strongroom/sdk';
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useState } from 'react';

import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { Refused } from './step-up.tsx';

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
/** In the words of VEX. */
const JUSTIFICATIONS = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;
const TITLES = { judge: 'Change severity', duplicate: 'It is a duplicate', 'not-affected': 'Not affected' } as const;
const DOES = {
  judge: 'Change severity',
  duplicate: 'Close as duplicate',
  'not-affected': 'Close as not affected',
} as const;
type What = keyof typeof TITLES;
type Ask = Omit<FindingChange, 'version'>;

export function Judging({ found }: { found: WholeFinding }) {
  const queries = useQueryClient();
  const me = useWhoAmI().data?.id ?? '';
  const [what, setWhat] = useState<What | null>(null);
  const change = useMutation({
    mutationFn: (ask: Ask) => room.assurance.change(found.id, { version: found.version, ...ask }), // prettier-ignore
    onSuccess: () => {
      setWhat(null);
      return queries.invalidateQueries({ queryKey: ['assurance'] });
    },
  });
  const can = (verb: What): boolean => found.can.includes(verb);
  const isMine = found.owner === me;
  return (
    <>
      <Group gap="xs">
        {me.startsWith('per_') && found.can.length > 0 && (
          <Button variant="light" loading={change.isPending && what === null} onClick={() => change.mutate({ note: '', owner: isMine ? '' : me })}>
            {isMine ? 'Give it back' : 'Assign to me'}
          </Button>
        )}
        {(Object.keys(TITLES) as What[]).filter(can).map((verb) => (
          <Button key={verb} variant="subtle" onClick={() => setWhat(verb)}>
            {TITLES[verb]}
          </Button>
        ))}
      </Group>
      {change.isError && what === null && <Refused error={change.error} again={() => change.reset()} />}
      {what !== null && <Form what={what} found={found} change={change} onClose={() => setWhat(null)} />}
    </>
  ); // prettier-ignore
}

type FormNeeds = Readonly<{
  what: What;
  found: WholeFinding;
  change: UseMutationResult<unknown, Error, Ask>;
  onClose: () => void;
}>;

function Form({ what, found, change, onClose }: FormNeeds) {
  const [note, setNote] = useState('');
  const [severity, setSeverity] = useState<string>(found.severity);
  const [other, setOther] = useState('');
  const [justification, setJustification] = useState<string>(JUSTIFICATIONS[0]);
  const [anchor, setAnchor] = useState(found.partVersion ?? '');
  const send = (): void => {
    if (what === 'judge') change.mutate({ note, severity: severity as WholeFinding['severity'] });
    else if (what === 'duplicate') change.mutate({ note, move: 'duplicate', duplicateOf: other.trim() });
    else
      change.mutate({
        note,
        move: 'not-affected',
        justification: justification as (typeof JUSTIFICATIONS)[number],
        anchor,
      });
  };
  return (
    <Dialog title={TITLES[what]} sending={change} does={DOES[what]} onSend={send} onClose={onClose}>
      {what === 'judge' && <Select label="Severity" allowDeselect={false} openOnFocus={false} data={[...SEVERITIES]} value={severity} onChange={(chosen) => setSeverity(chosen ?? found.severity)} />}
      {what === 'duplicate' && <TextInput label="Of which finding" description="its id, as fnd_…" required value={other} onChange={(event) => setOther(event.currentTarget.value)} />}
      {what === 'not-affected' && (
        <>
          <Select label="Why" allowDeselect={false} openOnFocus={false} data={JUSTIFICATIONS.map((value) => ({ value, label: value.replaceAll('_', ' ') }))} value={justification} onChange={(chosen) => setJustification(chosen ?? JUSTIFICATIONS[0])} />
          <TextInput label="Version that is not affected" description="it says nothing of the next one" required value={anchor} onChange={(event) => setAnchor(event.currentTarget.value)} />
        </>
      )}
      <Textarea label={what === 'duplicate' ? 'Note' : 'How that is known'} required={what !== 'duplicate'} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
    </Dialog>
  ); // prettier-ignore
}
