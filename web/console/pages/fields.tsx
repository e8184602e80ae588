/** Review of fields: what is held, when it was last read and for what, and what seems not to be needed. */
import { Anchor, Badge, Button, Card, Group, Modal, Stack, Table, Text, Title } from '@mantine/core';
import type { FieldProposal } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Months } from '../../ui/months.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { useFieldTitles } from '../field-titles.ts';
import { room } from '../room.ts';
import { usePurposes } from '../purposes.ts';
import { useWhoAmI } from '../session.ts';
import { Day, dayOf, When } from '../when.tsx';
import { LookAgain } from './look-again.tsx';
import { isReason } from './why-needed.tsx';

const SAYS: Readonly<Record<FieldProposal['kind'], string>> = {
  'never-read': 'nobody read it',
  'one-purpose': 'read for one of its purposes only',
  'over-precise': 'only seen masked',
  'mostly-empty': 'hardly ever filled',
  'always-same': 'always the same',
  duplicate: 'the same as another field',
};
const DOES = {
  erase: 'stop collecting it',
  coarsen: 'make it coarse',
  narrow: 'hold it for that purpose only',
} as const;

export function FieldsPage() {
  const [shown, setShown] = useState<string | null>(null);
  const found = useQuery({ queryKey: ['fields'], queryFn: () => room.fields.list() });
  const { collectionOf, fieldOf } = useFieldTitles();
  const purposeOf = usePurposes();
  const one = found.data?.fields.find((each) => `${each.collection}.${each.field}` === shown);
  return (
    <Stack>
      <Title order={1} size="h2">
        Review of fields
      </Title>
      <Proposals />
      {found.isPending && <Fetching what="fields" />}
      {found.isError && <Problem error={found.error} />}
      {found.isSuccess && (
        <Card withBorder padding="xs">
          <Wide label="fields" minWidth={680} stacks>
            <Table>
              <Table.Caption>
                Reads are counted since <When at={found.data.since} />; values are those of the newest plan of
                retention.
              </Table.Caption>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Field</Table.Th>
                  <Table.Th>Class</Table.Th>
                  <Table.Th>Values</Table.Th>
                  <Table.Th>Last read</Table.Th>
                  <Table.Th>Read for</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {found.data.fields.map(({ collection, field, class: dataClass, present, records, last, uses }) => (
                  <Table.Tr key={`${collection}.${field}`}>
                    <Table.Th scope="row" fw={500}>
                      <Anchor
                        component="button"
                        type="button"
                        size="sm"
                        ta="start"
                        onClick={() => setShown(`${collection}.${field}`)}
                      >
                        {fieldOf(collection, field)}
                      </Anchor>
                      <Text size="xs" c="dimmed">
                        {collectionOf(collection)}
                      </Text>
                    </Table.Th>
                    <Table.Td>{dataClass}</Table.Td>
                    <Table.Td>
                      {present} of {records}
                    </Table.Td>
                    <Table.Td>{last === null ? 'never' : dayOf(last)}</Table.Td>
                    <Table.Td>
                      {uses.length === 0 && 'nothing'}
                      {uses.map(({ purpose, clear, masked }) => (
                        <Text key={purpose} size="xs">
                          {purposeOf(purpose)}: {clear} in clear, {masked} masked
                        </Text>
                      ))}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      <Modal
        opened={one !== undefined}
        onClose={() => setShown(null)}
        title={`How old the values of “${one === undefined ? '' : fieldOf(one.collection, one.field)}” are`}
        centered
        size="lg"
      >
        {one !== undefined && Object.keys(one.ages).length === 0 && <Empty title="No value of it is held" />}
        {one !== undefined && Object.keys(one.ages).length > 0 && (
          <Months label="values by the month their record is from" counts={one.ages} />
        )}
      </Modal>
    </Stack>
  );
}

function Proposals() {
  const mayDecide = useWhoAmI().data?.actions.includes('fields.decide') === true;
  const { collectionOf, fieldOf } = useFieldTitles();
  const queries = useQueryClient();
  const [deciding, setDeciding] = useState<FieldProposal | null>(null);
  const found = useQuery({ queryKey: ['fields', 'proposals'], queryFn: () => room.fields.proposals() });
  const look = useMutation({
    mutationFn: () => room.fields.review(),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['fields'] }),
  });
  return (
    <Card withBorder padding="xs">
      <Group justify="space-between" p="xs">
        <Title order={2} size="h4">
          What seems not to be needed
        </Title>
        {mayDecide && (
          <Button variant="default" loading={look.isPending} onClick={() => look.mutate()}>
            Check again
          </Button>
        )}
      </Group>
      {found.isError && <Problem error={found.error} />}
      {look.isError && <Problem error={look.error} />}
      {found.data?.proposals.length === 0 && (
        <Empty title="Nothing proposed yet">
          What nobody reads for ninety days is proposed here, among other things; this is checked once a day.
        </Empty>
      )}
      {found.data !== undefined && found.data.proposals.length > 0 && (
        <Wide label="proposals" minWidth={680} stacks>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Field</Table.Th>
                <Table.Th>Why</Table.Th>
                <Table.Th>Proposed</Table.Th>
                <Table.Th>Decides</Table.Th>
                <Table.Th>State</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.data.proposals.map((each) => (
                <Table.Tr key={each.id}>
                  <Table.Th scope="row" fw={500}>
                    {fieldOf(each.collection, each.field)}
                    <Text size="xs" c="dimmed">
                      {collectionOf(each.collection)}
                    </Text>
                  </Table.Th>
                  <Table.Td>
                    {SAYS[each.kind]}
                    <Text size="xs" c="dimmed">
                      {Object.entries(each.evidence)
                        .map(([name, value]) => `${name} ${value}`)
                        .join(', ')}
                    </Text>
                  </Table.Td>
                  <Table.Td>{DOES[each.suggests]}</Table.Td>
                  <Table.Td>
                    {each.owner}
                    <Text size="xs" c="dimmed">
                      by <Day at={each.dueAt} />
                      {each.overdue && ', overdue'}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={each.state === 'open' ? 'orange' : 'gray'}>
                      {each.state}
                    </Badge>
                    {each.history.map((line) => (
                      <Text key={line.at} size="xs">
                        {line.decision}: {line.reason}
                      </Text>
                    ))}
                    {each.state === 'open' && mayDecide && (
                      <Button
                        size="compact-sm"
                        variant="default"
                        aria-label={`Decide on ${fieldOf(each.collection, each.field)}: ${SAYS[each.kind]}`}
                        onClick={() => setDeciding(each)}
                      >
                        Decide
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
      {deciding !== null && <Decide proposal={deciding} onClose={() => setDeciding(null)} />}
    </Card>
  );
}

function Decide({ proposal, onClose }: { proposal: FieldProposal; onClose: () => void }) {
  const { fieldOf } = useFieldTitles();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [reviewBy, setReviewBy] = useState('');
  const decide = useMutation({
    mutationFn: (decision: 'keep' | 'apply') =>
      room.fields.decide(proposal.id, {
        decision,
        reason: reason.trim(),
        ...(decision === 'keep' ? { reviewBy } : {}),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['fields'] });
      onClose();
    },
  });
  return (
    <Dialog
      title={`${fieldOf(proposal.collection, proposal.field)}: ${SAYS[proposal.kind]}`}
      sending={decide}
      onClose={onClose}
      choices={
        <>
          <Button
            variant="default"
            disabled={reviewBy === '' || !isReason(reason)}
            loading={decide.isPending}
            onClick={() => decide.mutate('keep')}
          >
            Keep
          </Button>
          <Button
            color="red"
            disabled={!isReason(reason)}
            loading={decide.isPending}
            onClick={() => decide.mutate('apply')}
          >
            Apply: {DOES[proposal.suggests]}
          </Button>
        </>
      }
    >
      <LookAgain leaves="Keep it" reason={reason} onReason={setReason} reviewBy={reviewBy} onReviewBy={setReviewBy} />
      <Text size="sm">
        To apply it proposes the catalogue anew, for another to approve; retention then takes away what is held, after
        an approval of its own.
      </Text>
    </Dialog>
  );
}
