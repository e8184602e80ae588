/** Through pages that are turned by a mark of the server's: to the first, and on. */
import { Button, Group } from '@mantine/core';

export function Pager({
  before,
  next,
  turn,
  words = ['Newest', 'Older'],
}: {
  before: string | null;
  next: string | null;
  turn: (to: string | null) => void;
  words?: readonly [first: string, on: string];
}) {
  if (before === null && next === null) return null;
  return (
    <Group>
      <Button variant="default" disabled={before === null} onClick={() => turn(null)}>
        {words[0]}
      </Button>
      <Button variant="default" disabled={next === null} onClick={() => turn(next)}>
        {words[1]}
      </Button>
    </Group>
  );
}
