/** Asks, in place, for access for a time to one customer's fields of one class. */
import { Alert, Button, Group, Modal, NumberInput, Stack, Text, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useEligibility } from '../session.ts';

export type Asked = Readonly<{ title: string; dataClass: string; subject: string; purpose: string }>;

export function AskAccess({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  const { title, dataClass, subject, purpose } = asked;
  const eligibility = useEligibility();
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
  const send = (event: FormEvent): void => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={`Ask to see ${title}`} centered>
      {ask.isSuccess ? (
        <Alert color="teal" title="It is asked for" role="status">
          {jit?.needed ?? 1} of {jit?.approvers.join(', ')} have to approve it. Then start the clock under &ldquo;Access
          for a time&rdquo;.
        </Alert>
      ) : (
        <form onSubmit={send}>
          <Stack>
            <Text size="sm">
              For fields of class <b>{dataClass}</b> of this one customer, for <b>{purpose}</b>. The clock starts when
              you start it, after somebody else has approved.
            </Text>
            <Textarea
              label="Why do you need it?"
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              minLength={3}
              maxLength={500}
              required
              data-autofocus
              autosize
              minRows={2}
            />
            <Group grow>
              <NumberInput label="Minutes" min={1} max={jit?.maxMinutes ?? 60} value={minutes} onChange={setMinutes} />
              <NumberInput label="Reads" min={1} max={jit?.maxReads ?? 100} value={reads} onChange={setReads} />
            </Group>
            {ask.isError && <Problem error={ask.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={ask.isPending} disabled={reason.trim().length < 3}>
                Ask
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
