/** Why something is left as it is or not, and until when nobody is asked again. */
import { Textarea, TextInput } from '@mantine/core';

type LookAgainProps = Readonly<{
  /** What is done with it until then, such as `Keep it`. */
  leaves: string;
  reason: string;
  onReason: (reason: string) => void;
  reviewBy: string;
  onReviewBy: (day: string) => void;
}>;

export function LookAgain({ leaves, reason, onReason, reviewBy, onReviewBy }: LookAgainProps) {
  return (
    <>
      <Textarea label="Why" required value={reason} onChange={({ currentTarget: { value } }) => onReason(value)} />
      <TextInput
        type="date"
        label={`${leaves} until it is looked at again on`}
        value={reviewBy}
        onChange={({ currentTarget: { value } }) => onReviewBy(value)}
      />
    </>
  );
}
