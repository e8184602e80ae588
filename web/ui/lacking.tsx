/** Where only training is missing: a button to the very lesson or policy, which leads back here when it is done. */
import { Button, Group } from '@mantine/core';
import { isProblem, type MyTraining } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';

export type Lacking = Readonly<{ kind: string; id: string }>;

/** What a problem names as missing; nothing for any other problem. */
export function lacksIn(error: unknown): readonly Lacking[] {
  const named = isProblem(error) ? error.extra.training : undefined;
  return (Array.isArray(named) ? (named as readonly Partial<Lacking>[]) : []).flatMap(({ kind, id }) =>
    (kind === 'course' || kind === 'policy' || kind === 'drill') && /^[a-z][a-z0-9-]{0,60}$/.test(id ?? '') ? [{ kind, id: id as string }] : [],
  );
} // prettier-ignore

export const placeOf = ({ kind, id }: Lacking): string =>
  kind === 'drill' ? '/drills' : kind === 'course' ? `/learn/${id}` : `/sign/${id}`;
const does = ({ kind }: Lacking): string =>
  kind === 'drill' ? 'Take the drill' : kind === 'course' ? 'Learn' : 'Sign';

/** Where one came from, kept with the page in the browser's history: no part of an address, which anybody could write. */
export function useBack(): string | undefined {
  const { back } = useLocation().state as Readonly<{ back?: unknown }>;
  return typeof back === 'string' && back.startsWith('/') ? back : undefined;
}
export const comingFrom = (back: string | undefined) => (back === undefined ? {} : { back }) as never;

/** What the page knows of one's training already: a problem names a course by its id. */
function useTitles(): (of: Lacking) => string | undefined {
  const { data } = useQuery<MyTraining>({ queryKey: ['training'], enabled: false });
  return (of) => data?.duties.find(({ kind, id }) => kind === of.kind && id === of.id)?.title;
}

/** Words of the server with titles where it wrote ids. */
export function useTitled(lacks: readonly Lacking[]): (text: string) => string {
  const titleOf = useTitles();
  return (text) =>
    lacks.reduce((said, each) => {
      const title = titleOf(each);
      return title === undefined ? said : said.replace(` ${each.id} `, () => ` “${title}” `);
    }, text);
}

/** @param title of the first; null where it stands beside the button already */
export function LearnIt({ lacks, title }: { lacks: readonly Lacking[]; title?: string | null | undefined }) {
  const [first] = lacks;
  return first === undefined ? null : <Leads to={first} more={lacks.length - 1} title={title} />;
}

function Leads({ to, more, title }: { to: Lacking; more: number; title: string | null | undefined }) {
  const { pathname } = useLocation();
  const titleOf = useTitles();
  return (
    <Group gap="xs" mt={title === null ? 0 : 'sm'}>
      <Button component={Link} to={placeOf(to)} state={comingFrom(pathname)} size="compact-md" fz="sm" h="auto" mih={30} py={5} lh={1.3} styles={{ label: { whiteSpace: 'normal', height: 'auto' } }}>
        {does(to)}
        {title === null ? ' it' : `: ${title ?? titleOf(to) ?? to.id.replaceAll('-', ' ')}`}
      </Button>
      {more > 0 && `and ${more} more after it`}
    </Group>
  );
} // prettier-ignore
