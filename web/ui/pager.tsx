/** Through pages that are turned by a mark of the server's: to the newest, and on to older ones. */
import { Button, Group } from '@mantine/core';

export function Pager({
  before,
  next,
  turn,
}: {
  before: string | null;
  next: string | null;
  turn: (to: string | null) => void;
}) {
  if (before === null && next === null) return null;
  return (
    <Group>
      <Button variant="default" disabled={before === null} onClick={() => turn(null)}>
        Newest
      </Button>
      <Button variant="default" disabled={next === null} onClick={() => turn(next)}>
        Older
      </Button>
    </Group>
  );
}
