/** More time for a review, once, by somebody whose role does not decide in it. */
import { Button, Group, Modal, NumberInput, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';

export function ExtendReview({ review }: { review: string }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [days, setDays] = useState<number | string>(7);
  const [reason, setReason] = useState('');
  const extend = useMutation({
    mutationFn: () => room.reviews.extend(review, { days: Number(days), reason }),
    onSuccess: async () => {
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ['reviews'] });
    },
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    extend.mutate();
  };
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Give more time
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title="Give this review more time" centered>
        <form onSubmit={send}>
          <Stack>
            <NumberInput
              label="Days"
              description="From its deadline, or from now when that is over; once"
              min={1}
              max={14}
              value={days}
              onChange={setDays}
            />
            <Textarea
              label="Reason"
              description="It is kept with the review"
              value={reason}
              onChange={({ currentTarget: { value } }) => setReason(value)}
              maxLength={500}
              required
            />
            {extend.isError && <Problem error={extend.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setOpen(false)}>
                Cancel
              </Button>
              <Button type="submit" loading={extend.isPending} disabled={reason.trim() === '' || Number(days) < 1}>
                Give more time
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
