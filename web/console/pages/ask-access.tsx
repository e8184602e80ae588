/** Asks, in place, for access for a time to one customer's fields of one class. */
import { Alert, Group, NumberInput, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { Dialog } from '../dialog.tsx';
import { usePurposes } from '../purposes.ts';
import { room } from '../room.ts';
import { useEligibility } from '../session.ts';
import { isReason, WhyNeeded } from './why-needed.tsx';

export type Asked = Readonly<{ title: string; dataClass: string; subject: string; purpose: string }>;

export function AskAccess({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  const { title, dataClass, subject, purpose } = asked;
  const [eligibility, purposeOf] = [useEligibility(), usePurposes()];
  const jit = eligibility.data?.jit;
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState<number | string>(30);
  const [reads, setReads] = useState<number | string>(5);
  const ask = useMutation({
    mutationFn: () =>
      room.grants.request({
        purpose, classes: [dataClass as 'personal'], subjects: [subject], reason, minutes: Number(minutes), reads: Number(reads),
      }), // prettier-ignore
  });
  if (ask.isSuccess)
    return (
      <Dialog title={`Ask to see ${title}`} sending={ask} onClose={onClose}>
        <Alert color="teal" title="It is asked for" role="status">
          {jit?.needed ?? 1} of {jit?.approvers.join(', ')} have to approve it. Then start the clock under &ldquo;Access
          for a time&rdquo;.
        </Alert>
      </Dialog>
    );
  return (
    <Dialog
      title={`Ask to see ${title}`}
      sending={ask}
      does="Ask"
      onSend={() => ask.mutate()}
      ready={isReason(reason)}
      onClose={onClose}
    >
      <Text size="sm">
        For fields of class <b>{dataClass}</b> of this one customer, for <b>{purposeOf(purpose)}</b>. The clock starts
        when you start it, after somebody else has approved.
      </Text>
      <WhyNeeded reason={reason} onChange={setReason} />
      <Group grow>
        <NumberInput label="Minutes" min={1} max={jit?.maxMinutes ?? 60} value={minutes} onChange={setMinutes} />
        <NumberInput label="Reads" min={1} max={jit?.maxReads ?? 100} value={reads} onChange={setReads} />
      </Group>
    </Dialog>
  );
}
