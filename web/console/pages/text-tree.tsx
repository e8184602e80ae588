/** The tree that a lesson or policy is, as elements: a few kinds, and no place in it for HTML. */
import { Alert, Anchor, Blockquote, Code, List, Stack, Table, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { Wide } from '../../ui/wide.tsx';
import { Practise } from './exercise-lines.tsx';

type Target = Readonly<{ kind: string; href?: string; address?: string; id?: string; place?: string }>;
type Inline = Readonly<{ kind: string; text?: string; parts?: readonly Inline[]; to?: Target }>;
/** As the server's practices/education/content/tree.ts has it. */
export type Block = Readonly<{
  kind: string;
  line: number;
  level?: number;
  ordered?: boolean;
  text?: string;
  name?: string;
  parts?: readonly Inline[];
  items?: readonly (readonly Inline[])[];
  head?: readonly (readonly Inline[])[];
  rows?: readonly (readonly (readonly Inline[])[])[];
  blocks?: readonly Block[];
}>;
export type Section = Readonly<{ title: string; blocks: readonly unknown[] }>;

/** Of `:::exercise`: its id, which stands in it alone. */
const exerciseIn = ({ blocks = [] }: Block): string => blocks[0]?.parts?.[0]?.text ?? '';
export const exercisesIn = (sections: readonly Section[]): readonly string[] =>
  sections
    .flatMap(({ blocks }) => blocks as readonly Block[])
    .filter(({ kind, name }) => kind === 'aside' && name === 'exercise')
    .map(exerciseIn);

const inline = (parts: readonly Inline[] = []): ReactNode =>
  parts.map((part, at) => {
    const within = inline(part.parts);
    // parts never move: their place is their name
    const key = `${part.kind} ${at}`;
    if (part.kind === 'code') return <Code key={key}>{part.text}</Code>;
    if (part.kind === 'strong') return <strong key={key}>{within}</strong>;
    if (part.kind === 'emphasis') return <em key={key}>{within}</em>;
    if (part.kind === 'link') return <To key={key} to={part.to} within={within} />;
    return part.text;
  });

function To({ to, within }: { to: Target | undefined; within: ReactNode }) {
  if (to?.kind === 'lesson' && to.id !== undefined)
    return (
      <Anchor underline="always" component={Link} to={`/learn/${to.id}`}>
        {within}
      </Anchor>
    );
  if (to?.kind === 'policy' && to.id !== undefined)
    return (
      <Anchor underline="always" component={Link} to={`/sign/${to.id}`}>
        {within}
      </Anchor>
    );
  if (to?.kind === 'web' && to.href?.startsWith('https://') === true)
    return (
      <Anchor underline="always" href={to.href} target="_blank" rel="noreferrer noopener">
        {within}
      </Anchor>
    );
  if (to?.kind === 'mail')
    return (
      <Anchor underline="always" href={`mailto:${to.address ?? ''}`}>
        {within}
      </Anchor>
    );
  // a place of the console: what is signed stands beside what is learned
  return (
    <Anchor underline="always" component={Link} to={to?.place === 'report' ? '/report' : '/learn'}>
      {within}
    </Anchor>
  );
}

/** What is shown where a choice stands, by its line. */
type Within = Readonly<{ choiceAt?: ((line: number) => ReactNode) | undefined }>;

export function Sections({ sections, choiceAt }: Within & Readonly<{ sections: readonly Section[] }>) {
  return sections.map(({ title, blocks }) => (
    <Stack key={title} gap="xs" component="section" aria-label={title}>
      <Title order={2} size="h3">
        {title}
      </Title>
      <Blocks blocks={blocks as readonly Block[]} choiceAt={choiceAt} />
    </Stack>
  ));
}

export const Blocks = ({ blocks, choiceAt }: Within & Readonly<{ blocks: readonly Block[] }>) =>
  blocks.map((block) => <One key={block.line} block={block} choiceAt={choiceAt} />);

function One({ block, choiceAt }: Within & Readonly<{ block: Block }>) {
  const { kind, parts, items = [], head = [], rows = [] } = block;
  if (kind === 'heading')
    return (
      <Title order={3} size="h4">
        {inline(parts)}
      </Title>
    );
  if (kind === 'list')
    return (
      <List type={block.ordered === true ? 'ordered' : 'unordered'}>
        {items.map((item, at) => (
          <List.Item key={`${block.line} ${at}`}>{inline(item)}</List.Item>
        ))}
      </List>
    );
  if (kind === 'quote') return <Blockquote p="sm">{inline(parts)}</Blockquote>;
  if (kind === 'code') return <Code block>{block.text}</Code>;
  if (kind === 'table')
    return (
      <Wide label="table" minWidth={480} stacks>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {head.map((cell, at) => (
                <Table.Th key={`h ${at}`}>{inline(cell)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row, at) => (
              <Table.Tr key={`r ${at}`}>
                {row.map((cell, column) => (
                  <Table.Td key={`c ${column}`}>{inline(cell)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    );
  if (kind === 'aside' && block.name === 'choice') return choiceAt?.(block.line);
  if (kind === 'aside' && block.name === 'exercise') return <Practise ids={[exerciseIn(block)]} needed={[]} />;
  if (kind === 'aside')
    return (
      <Alert variant="light" title={block.name === 'scenario' ? 'What happened' : undefined}>
        <Stack gap="xs">
          <Blocks blocks={block.blocks ?? []} />
        </Stack>
      </Alert>
    );
  return <Text>{inline(parts)}</Text>;
}
