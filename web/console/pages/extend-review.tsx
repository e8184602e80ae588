/** More time for a review, once, by somebody whose role does not decide in it. */
import { Button, NumberInput, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Dialog } from '../dialog.tsx';
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
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Give more time
      </Button>
      {open && (
        <Dialog
          title="Give this review more time"
          sending={extend}
          does="Give more time"
          onSend={() => extend.mutate()}
          ready={reason.trim() !== '' && Number(days) >= 1}
          onClose={() => setOpen(false)}
        >
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
        </Dialog>
      )}
    </>
  );
}
