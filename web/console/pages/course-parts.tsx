/**
 * A course made elsewhere that is taken part by part (cmi5). A part speaks to the server of courses itself: what is shown here
 * of how it went is asked of the server, and nothing is heard from the frame.
 */
import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import type { BegunPart, BegunRun, CourseRun } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';

const ASK_AGAIN_MS = 3000;
const SAYS = { open: 'to do', failed: 'not passed', satisfied: 'done' } as const;
const COLOURS = { open: 'gray', failed: 'orange', satisfied: 'teal' } as const;

type PartsProps = { run: BegunRun; title: string; onPassed: () => void };

export function CourseParts({ run, title, onPassed }: PartsProps) {
  const queries = useQueryClient();
  const [shown, setShown] = useState<(BegunPart & { part: number }) | null>(null);
  const found = useQuery({
    queryKey: ['course', 'run', run.id],
    queryFn: () => room.packages.look(run.id),
    refetchInterval: shown === null ? false : ASK_AGAIN_MS,
  });
  const begin = useMutation({
    mutationFn: async (part: number) => ({ ...(await room.packages.beginPart(run.id, part)), part }),
    onSuccess: async (begun) => {
      // of the part before it, what is known is over
      await found.refetch();
      setShown(begun);
    },
  });
  const { parts, state, session }: Pick<CourseRun, 'parts' | 'state' | 'session'> = found.data ?? { parts: run.parts, state: 'open', session: null }; // prettier-ignore
  const over = session === 'over';
  useEffect(() => {
    if (over) setShown(null);
  }, [over]);
  useEffect(() => {
    const follow = async (): Promise<void> => {
      // what one may do follows at once
      await queries.invalidateQueries({ predicate: ({ queryKey: [first] }) => first !== 'course' });
      // its part is looked at to its end
      if (over) onPassed();
    };
    if (state === 'passed') follow().catch(() => undefined);
  }, [state, over, onPassed, queries]);
  const alone = parts.length === 1;
  return (
    <Stack>
      <Wide label="parts of the course" minWidth={420} stacks>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Part</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {parts.map((each) => (
              <Table.Tr key={each.part}>
                <Table.Th scope="row" fw={500}>
                  {each.title}
                  {each.block !== null && (
                    <Text size="xs" c="dimmed">
                      {each.block}
                    </Text>
                  )}
                </Table.Th>
                <Table.Td>
                  <Badge variant="light" color={COLOURS[each.state]}>
                    {SAYS[each.state]}
                  </Badge>
                </Table.Td>
                <Table.Td ta="right">
                  {shown?.part === each.part ? (
                    <Text size="sm">shown below</Text>
                  ) : (
                    <Button
                      size="compact-sm"
                      variant={each.state === 'satisfied' ? 'default' : 'filled'}
                      aria-label={`${each.state === 'satisfied' ? 'Look again at' : 'Begin'} part ${each.part + 1}: ${each.title}`}
                      loading={begin.isPending && begin.variables === each.part}
                      onClick={() => begin.mutate(each.part)}
                    >
                      {each.state === 'satisfied' ? 'Look again' : 'Begin'}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      {begin.isError && <Problem error={begin.error} />}
      {found.isError && <Problem error={found.error} />}
      {shown !== null && (
        <>
          <iframe
            key={shown.id}
            src={shown.url}
            title={alone ? title : `${title}: ${parts[shown.part]?.title ?? ''}`}
            className="course-frame"
            sandbox="allow-scripts allow-same-origin allow-forms"
            referrerPolicy="no-referrer"
            allow=""
            // a part that ends leads its frame elsewhere
            onLoad={() => void found.refetch()}
          />
          <Group>
            <Button variant="default" onClick={() => setShown(null)}>
              Leave this part
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}
