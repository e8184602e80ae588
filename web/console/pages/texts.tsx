/** Lessons, quizzes, exercises and policies as they hold; what one of them says, and a newer version on top of it. */
import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Checkbox,
  Code,
  Group,
  Stack,
  Table,
  Text,
  Textarea,
  Title,
} from '@mantine/core';
import { isProblem, type TextHistory, type TextKind } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { faultsIn } from '../../ui/faults.ts';
import { Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { CourseExport } from './course-export.tsx';
import { CoursesElsewhere } from './courses-elsewhere.tsx';
import { Refused } from './step-up.tsx';

const KINDS = {
  lesson: 'Lessons',
  quiz: 'Quizzes',
  exercise: 'Exercises',
  policy: 'Policies',
  drill: 'Drills',
} as const;

export function TextsPage() {
  const nameOf = useDoers();
  const found = useQuery({ queryKey: ['texts'], queryFn: () => room.education.texts() });
  const actions = useWhoAmI().data?.actions ?? [];
  const may = actions.includes('texts.publish');
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined) return <Fetching what="texts" />;
  return (
    <Stack>
      <Title order={1} size="h2">
        Lessons and texts
      </Title>
      <Text size="sm">
        What is published here takes the place of the text of the same name; whoever passed or signed the one before does not have to again, unless you say that what people have to know or do has changed.
      </Text>
      {(Object.keys(KINDS) as TextKind[]).map((kind) => {
        const texts = found.data.texts.filter((each) => each.kind === kind);
        return (
          <Listed key={kind} title={KINDS[kind]} head={['Title', 'Version', 'Published', 'By']} minWidth={560} stacks>
            {texts.map(({ id, title, seq, publishedAt, publishedBy }) => (
              <Table.Tr key={id}>
                <Table.Th scope="row" fw={500}>
                  {may ? (
                    <Anchor component={Link} to={`/texts/${kind}/${id}`} size="sm" underline="always">
                      {title}
                    </Anchor>
                  ) : (
                    title
                  )}
                </Table.Th>
                <Table.Td>{seq}</Table.Td>
                <Table.Td>
                  <When at={publishedAt} />
                </Table.Td>
                <Table.Td className="wrap">{nameOf(publishedBy)}</Table.Td>
              </Table.Tr>
            ))}
          </Listed>
        );
      })}
      {may && <CourseExport lessons={found.data.texts.filter(({ kind }) => kind === 'lesson')} />}
      <CoursesElsewhere may={{ take: may, approve: actions.includes('training.approve') }} />
    </Stack>
  );
} // prettier-ignore

export function TextPage({ kind, id }: { kind: string; id: string }) {
  const nameOf = useDoers();
  const found = useQuery({
    queryKey: ['texts', kind, id],
    queryFn: () => room.education.text(kind as TextKind, id),
    // what is being written on top of it stays on top of that
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined) return <Fetching what="the text" />;
  const newest = found.data.versions.at(-1);
  return (
    <Stack>
      <div>
        <Text component={Link} to="/texts" size="sm" c="dimmed">
          ← Lessons and texts
        </Text>
        <Title order={1} size="h2">
          {newest?.title ?? id}
        </Title>
      </div>
      <Writing key={newest?.hash} kind={kind as TextKind} history={found.data} onAnew={() => found.refetch()} />
      <Listed title="Versions" head={['Version', 'Hash', 'Published', 'By']} minWidth={560} stacks>
        {found.data.versions.toReversed().map(({ seq, hash, material, publishedAt, publishedBy }) => (
          <Table.Tr key={seq}>
            <Table.Th scope="row" fw={500}>
              <Text span inherit hiddenFrom="sm">
                Version{' '}
              </Text>
              {seq} {material && <Badge variant="light">material</Badge>}
            </Table.Th>
            <Table.Td>
              <Code>{hash.slice(0, 12)}</Code>
            </Table.Td>
            <Table.Td>
              <When at={publishedAt} />
            </Table.Td>
            <Table.Td className="wrap">{nameOf(publishedBy)}</Table.Td>
          </Table.Tr>
        ))}
      </Listed>
    </Stack>
  );
}

type WritingProps = { kind: TextKind; history: TextHistory; onAnew: () => Promise<unknown> };

function Writing({ kind, history: { source, versions }, onAnew }: WritingProps) {
  const queries = useQueryClient();
  const [text, setText] = useState(source);
  const [material, setMaterial] = useState(false);
  const publish = useMutation({
    mutationFn: () => room.education.publish({ kind, source: text, replaces: versions.at(-1)?.hash ?? null, ...(kind === 'policy' ? {} : { material }) }),
    onSuccess: async () => {
      await onAnew();
      await queries.invalidateQueries({ queryKey: ['texts'], exact: true });
    },
  });
  const isChanged = text !== source;
  return (
    <Card withBorder padding="sm">
      <Stack>
        <Textarea
          label="The text"
          description="With its front matter, as docs/formats/education-texts.md says"
          autosize
          minRows={12}
          maxRows={28}
          maxLength={262_144}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {isChanged ? <Changed before={source} after={text} /> : <Empty title="As it holds">Change it, and see here what would be new before you publish it.</Empty>}
        {kind !== 'policy' && <Checkbox label="It changes what people do: everyone must take it again" checked={material} onChange={(event) => setMaterial(event.currentTarget.checked)} />}
        {publish.isError && <Refused error={publish.error} again={() => publish.mutate()} />}
        {faultsIn(publish.error).map(({ line, says, hint }, at) => (
          <Alert key={at} color="orange" p="xs" title={line === undefined ? undefined : `line ${line}`}>
            {says}. {hint}
          </Alert>
        ))}
        {isProblem(publish.error) && publish.error.status === 409 && (
          <Text size="sm">Somebody published another version meanwhile. Keep your text elsewhere, load this page again, and put it on top of theirs.</Text>
        )}
        <Group>
          <Button disabled={!isChanged} loading={publish.isPending} onClick={() => publish.mutate()}>
            Publish
          </Button>
          <Button variant="default" disabled={!isChanged} onClick={() => setText(source)}>
            Discard
          </Button>
        </Group>
      </Stack>
    </Card>
  );
} // prettier-ignore

/** Lines that are new, and those that are not there any more; one that only moved is neither. */
function Changed({ before, after }: { before: string; after: string }) {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const [gone, made] = [now.reduce(without, old), old.reduce(without, now)];
  return (
    <Wide label="what changes" minWidth={260}>
      <Text size="sm" fw={600}>
        What changes
      </Text>
      {[...gone.map((line) => ['−', line] as const), ...made.map((line) => ['+', line] as const)].map(([sign, line], at) => (
        <Text key={at} size="sm" className="mono wrap" td={sign === '−' ? 'line-through' : undefined}>
          {sign} {line}
        </Text>
      ))}
    </Wide>
  );
} // prettier-ignore

function without(lines: string[], line: string): string[] {
  const at = lines.indexOf(line);
  return at < 0 ? lines : lines.toSpliced(at, 1);
}
