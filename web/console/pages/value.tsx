/** One field as this reader may have it. A masked value says so to who cannot see that it is dimmed. */
import { Text, VisuallyHidden } from '@mantine/core';
import type { ReadRecord } from '@strongroom/sdk';

type Field = ReadRecord['fields'][string];

export function Value({ field }: { field: Field }) {
  if (field.state === 'denied')
    return (
      <Text span size="sm" c="dimmed" fs="italic">
        not for this role and purpose
      </Text>
    );
  const shown = field.state === 'clear' ? field.value : field.masked;
  const text = typeof shown === 'string' ? shown : JSON.stringify(shown);
  if (field.state === 'clear')
    return (
      <Text span size="sm" className="wrap">
        {text}
      </Text>
    );
  return (
    <Text span size="sm" className="masked wrap">
      <VisuallyHidden>masked: </VisuallyHidden>
      {text}
    </Text>
  );
}
