/** Why somebody needs to see a value: it is asked for before, and read by others afterwards. */
import { Textarea } from '@mantine/core';

/** Blanks are no reason. */
export const isReason = (words: string): boolean => words.trim().length >= 3;

export function WhyNeeded({ reason, onChange }: { reason: string; onChange: (reason: string) => void }) {
  return (
    <Textarea
      label="Why do you need it?"
      value={reason}
      onChange={(event) => onChange(event.currentTarget.value)}
      minLength={3}
      maxLength={500}
      required
      autosize
      minRows={2}
    />
  );
}
