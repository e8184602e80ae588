/** Holds somebody back for a while: a key or person that is slowed down, an address that is refused. */
import { Button, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { ForHowLong } from './traffic-parts.tsx';

type Kind = 'throttle' | 'block-address';
const TELLS = {
  throttle: {
    title: 'Slow somebody down',
    target: 'Key, workload or person',
    hint: 'key_…, wkl_… or per_…',
    says: 'It gets a request every two seconds, and answers 429 in between, on every server. Nobody else notices.',
    label: 'Slow down',
  },
  'block-address': {
    title: 'Block an address',
    target: 'Address, or a network',
    hint: '192.0.2.1, 192.0.2.0/24 at most, 2001:db8::1',
    says: 'Every request from there is refused, whoever sends it: others may share the address. Slow down a key or person instead where you can.',
    label: 'Block',
  },
} as const satisfies Record<Kind, unknown>; // prettier-ignore

/** @param target of whom it is known already */
export function HoldBack({ kind, target: known }: { kind: Kind; target?: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {known === undefined ? TELLS[kind].title : 'Hold back'}
      </Button>
      {open && <Form kind={kind} known={known ?? ''} onClose={() => setOpen(false)} />}
    </>
  );
}

function Form({ kind, known, onClose }: { kind: Kind; known: string; onClose: () => void }) {
  const queries = useQueryClient();
  const [target, setTarget] = useState(known);
  const [seconds, setSeconds] = useState('3600');
  const [reason, setReason] = useState('');
  const { title, target: label, hint, says, label: does } = TELLS[kind];
  const hold = useMutation({
    mutationFn: () =>
      room.traffic.takeMeasure({ kind, target: target.trim(), seconds: Number(seconds), reason: reason.trim() }),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ['traffic', 'measures'] });
    },
  });
  return (
    <Dialog
      title={title}
      sending={hold}
      does={does}
      onSend={() => hold.mutate()}
      ready={target.trim() !== '' && reason.trim() !== ''}
      danger
      onClose={onClose}
    >
      <Text size="sm">{says}</Text>
      <TextInput
        label={label}
        description={hint}
        required
        maxLength={60}
        readOnly={known !== ''}
        value={target}
        onChange={({ currentTarget: { value } }) => setTarget(value)}
      />
      <ForHowLong seconds={seconds} onChange={setSeconds} />
      <Textarea
        label="Why"
        required
        maxLength={2000}
        autosize
        minRows={2}
        value={reason}
        onChange={({ currentTarget: { value } }) => setReason(value)}
      />
    </Dialog>
  );
}
