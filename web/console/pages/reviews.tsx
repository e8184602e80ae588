/** Reviews of roles: which are open, which are late; begin one. */
import {
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  NumberInput,
  Select,
  Stack,
  Table,
  Text,
  Title,
  type MantineColor,
} from '@mantine/core';
import type { Review } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { useRoles, useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';

export function reviewState({ closedAt, overdue }: Review): { says: string; colour: MantineColor } {
  if (closedAt !== null) return { says: 'signed off', colour: 'gray' };
  return overdue ? { says: 'overdue', colour: 'red' } : { says: 'open', colour: 'orange' };
}

export function ReviewsPage() {
  const who = useWhoAmI();
  const reviews = useQuery({ queryKey: ['reviews'], queryFn: () => room.reviews.list() });
  const [beginning, setBeginning] = useState(false);
  const mayBegin = who.data?.actions.includes('reviews.begin') === true;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Reviews
        </Title>
        {mayBegin && <Button onClick={() => setBeginning(true)}>Begin a review</Button>}
      </Group>
      <Text size="sm">
        Does everybody who has a role still need it? Its owner says so. A role that sees customers in clear is decided
        holder by holder; a holder nobody has decided on in time sees nothing in clear until somebody has.
      </Text>
      {reviews.isPending && <Fetching what="reviews" />}
      {reviews.isError && <Problem error={reviews.error} />}
      {reviews.data?.reviews.length === 0 && (
        <Empty title="No role was reviewed yet">
          {mayBegin
            ? 'Begin with a role that sees customers in clear: those are due each quarter, others each year.'
            : 'A data protection officer or somebody of security begins one.'}
        </Empty>
      )}
      {reviews.data !== undefined && reviews.data.reviews.length > 0 && (
        <Card withBorder padding="xs">
          <Wide label="reviews" minWidth={620} stacks>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Role</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Decided by the role</Table.Th>
                  <Table.Th>Began</Table.Th>
                  <Table.Th>Due</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {reviews.data.reviews.map((one) => {
                  const { says, colour } = reviewState(one);
                  return (
                    <Table.Tr key={one.id}>
                      <Table.Th scope="row" fw={500}>
                        <Anchor component={Link} to={`/reviews/${one.id}`} size="sm" underline="always">
                          {one.role}
                        </Anchor>
                      </Table.Th>
                      <Table.Td>
                        <Badge variant="light" color={colour}>
                          {says}
                        </Badge>
                      </Table.Td>
                      <Table.Td>{one.owner}</Table.Td>
                      <Table.Td>
                        <When at={one.beganAt} />
                      </Table.Td>
                      <Table.Td>
                        <When at={one.dueAt} />
                      </Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      {beginning && <Begin onClose={() => setBeginning(false)} />}
    </Stack>
  );
}

function Begin({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const roles = useRoles();
  const [role, setRole] = useState<string | null>(null);
  const [days, setDays] = useState<number | string>(14);
  const begin = useMutation({
    mutationFn: () => room.reviews.begin({ role: role as string, days: Number(days) }),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['reviews'] });
      await navigate({ to: `/reviews/${id}` });
    },
  });
  return (
    <Dialog
      title="Begin a review"
      sending={begin}
      does="Begin"
      onSend={() => begin.mutate()}
      ready={role !== null && Number(days) >= 1}
      onClose={onClose}
    >
      <Select
        label="Role"
        description="Everybody who has it now is looked at"
        data={roles}
        value={role}
        onChange={setRole}
        searchable
        required
        openOnFocus={false}
      />
      <NumberInput
        label="Days"
        description="After them, a holder nobody has decided on sees nothing in clear"
        min={1}
        max={90}
        value={days}
        onChange={setDays}
      />
    </Dialog>
  );
}
