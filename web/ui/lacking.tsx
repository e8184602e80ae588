/** Where only training is missing: a button to the very lesson or policy, which leads back here when it is done. */
import { Button, Group } from '@mantine/core';
import { isProblem } from '@strongroom/sdk';
import { Link, useLocation } from '@tanstack/react-router';

export type Lacking = Readonly<{ kind: string; id: string }>;

/** What a problem names as missing; nothing for any other problem. */
export function lacksIn(error: unknown): readonly Lacking[] {
  const named = isProblem(error) ? error.extra.training : undefined;
  return (Array.isArray(named) ? (named as readonly Partial<Lacking>[]) : []).flatMap(({ kind, id }) =>
    (kind === 'course' || kind === 'policy') && /^[a-z][a-z0-9-]{0,60}$/.test(id ?? '') ? [{ kind, id: id as string }] : [],
  );
} // prettier-ignore

export const placeOf = ({ kind, id }: Lacking): string => (kind === 'course' ? `/learn/${id}` : `/sign/${id}`);

/** A place of this console, and no other address. */
export function backIn({ back }: Readonly<{ back?: unknown }>): { back?: string } {
  return typeof back === 'string' && /^\/(?:[a-z0-9_-]+\/?)*$/i.test(back) && back.length <= 200 ? { back } : {};
}

export function LearnIt({ lacks, title }: { lacks: readonly Lacking[]; title?: string | undefined }) {
  const { pathname } = useLocation();
  const [first] = lacks;
  if (first === undefined) return null;
  return (
    <Group gap="xs" mt="sm">
      <Button component={Link} to={placeOf(first)} search={{ back: pathname } as never} size="compact-md">
        {first.kind === 'course' ? 'Learn' : 'Sign'}: {title ?? first.id.replaceAll('-', ' ')}
      </Button>
      {lacks.length > 1 && `and ${lacks.length - 1} more after it`}
    </Group>
  );
}
