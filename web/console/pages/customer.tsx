/** One customer: masked at first; a field is revealed alone, for a purpose and with a reason, and hidden again. */
import { Alert, Badge, Button, Card, Group, Select, Stack, Table, Text, Title } from '@mantine/core';
import { IconClock, IconEye, IconHandStop, IconLock } from '@tabler/icons-react';
import { type ReadRecord } from '@strongroom/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { CLASS_COLOURS } from '../classes.ts';
import { Dialog } from '../dialog.tsx';
import { usePurposes } from '../purposes.ts';
import { room } from '../room.ts';
import { useCatalog, useEligibility, useWhoAmI } from '../session.ts';
import { AskAccess, type Asked } from './ask-access.tsx';
import { BreakGlass } from './break-glass.tsx';
import { LearnFirst, shutBy, useTraining } from '../training-due.tsx';
import { Value } from './value.tsx';
import { isReason, WhyNeeded } from './why-needed.tsx';

/** Seconds after which what was revealed is taken off the screen. */
const SHOWN_SECONDS = 60;

type Field = ReadRecord['fields'][string];
type Revealed = Readonly<{ name: string; field: Field; auditIndex: number | null }>;

export function CustomerPage({ record }: { record: string }) {
  const [catalog, who, training] = [useCatalog(), useWhoAmI(), useTraining()];
  const eligibility = useEligibility(who.data?.actions.includes('grants.request') === true);
  const [breaking, setBreaking] = useState(false);
  const [chosen, setPurpose] = useState<string | null>(null);
  const mine = catalog.data?.purposes.filter(({ id }) => who.data?.purposes.includes(id)) ?? [];
  const purpose = chosen ?? mine.find(({ id }) => id.includes('.'))?.id ?? mine[0]?.id ?? '';
  const shut = training.data === undefined ? [] : shutBy(training.data);
  const [asking, setAsking] = useState<string | null>(null);
  const [wanted, setWanted] = useState<Asked | null>(null);
  const [revealed, setRevealed] = useState<Revealed | null>(null);
  const read = useQuery({
    queryKey: ['record', record, purpose],
    queryFn: ({ signal }) => room.records.get(record, { purpose, show: 'masked', signal }),
    enabled: purpose !== '',
    // each look is an entry of the log: none happens unasked
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  useEffect(() => {
    if (revealed === null) return undefined;
    const timer = setTimeout(() => setRevealed(null), SHOWN_SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [revealed]);

  if (catalog.isPending || who.isPending) return <Fetching what="the catalogue" />;
  if (catalog.isError || who.isError) return <Problem error={catalog.error ?? who.error} />;
  const spec = catalog.data.collections.find(({ name }) => name === read.data?.collection);
  const titles = new Map(spec?.fields.map((field) => [field.name, field]));
  return (
    <Stack>
      <Group justify="space-between" align="flex-end">
        <div>
          <Text component={Link} to="/" size="sm" c="dimmed">
            ← Customers
          </Text>
          <Title order={1} size="h2">
            {spec === undefined ? 'Customer' : oneOf(spec)}{' '}
            <Text span ff="monospace" size="md" c="dimmed">
              …{record.slice(-8)}
            </Text>
          </Title>
        </div>
        <Group align="flex-end">
          {read.data !== undefined && (eligibility.data?.breakGlass ?? null) !== null && (
            <Button color="red" variant="light" onClick={() => setBreaking(true)}>
              Break glass
            </Button>
          )}
          <Select
            label="Purpose"
            w={280}
            allowDeselect={false}
            data={mine.map(({ id, title }) => ({ value: id, label: title }))}
            value={purpose}
            onChange={(next) => {
              setRevealed(null);
              setPurpose(next);
            }}
          />
        </Group>
      </Group>
      {mine.length === 0 && shut.length > 0 && <LearnFirst lacks={shut} />}
      {mine.length === 0 && shut.length === 0 && (
        <Alert icon={<IconLock aria-hidden />} title={`The role ${who.data.role} does not read customers`}>
          Act in another of your roles, or ask for one.
        </Alert>
      )}
      {read.isError && <Problem error={read.error} />}
      {read.isFetching && <Fetching what="the record" />}
      {read.data !== undefined && (
        <Card withBorder padding="sm">
          <Wide label="fields of the customer" minWidth={310}>
            <Table verticalSpacing="xs">
              <Table.Caption>
                version {read.data.version}; this look is entry {read.data.auditIndex} of the audit log
              </Table.Caption>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Field</Table.Th>
                  <Table.Th>Value</Table.Th>
                  <Table.Th ta="right">See it in clear</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {Object.entries(read.data.fields).map(([name, field]) => (
                  <Table.Tr key={name}>
                    <Table.Th scope="row" fw={500}>
                      <Text span inherit display={{ base: 'block', xs: 'inline' }}>
                        {titles.get(name)?.title ?? name}
                      </Text>{' '}
                      <Badge size="xs" variant="light" color={CLASS_COLOURS[titles.get(name)?.class ?? ''] ?? 'gray'}>
                        {titles.get(name)?.class}
                      </Badge>
                    </Table.Th>
                    <Table.Td>
                      {revealed?.name === name ? <Value field={revealed.field} /> : <Value field={field} />}
                    </Table.Td>
                    <Table.Td ta="right">
                      {revealed?.name === name ? (
                        <Button
                          size="compact-sm"
                          variant="default"
                          leftSection={<IconClock aria-hidden size={14} />}
                          onClick={() => setRevealed(null)}
                        >
                          Hide
                        </Button>
                      ) : (
                        field.may === 'clear' &&
                        field.state !== 'clear' && (
                          <Button
                            size="compact-sm"
                            variant="light"
                            className="icon-on-phone"
                            leftSection={<IconEye aria-hidden size={14} />}
                            aria-label={`Reveal ${titles.get(name)?.title ?? name}`}
                            title={`Reveal ${titles.get(name)?.title ?? name}`}
                            onClick={() => setAsking(name)}
                          >
                            <Text span visibleFrom="xs" inherit>
                              Reveal
                            </Text>
                          </Button>
                        )
                      )}
                      {field.may !== 'clear' && field.requestable === 'jit' && (
                        <Button
                          size="compact-sm"
                          variant="default"
                          className="icon-on-phone"
                          leftSection={<IconHandStop aria-hidden size={14} />}
                          aria-label={`Ask for access to ${titles.get(name)?.title ?? name}`}
                          title={`Ask for access to ${titles.get(name)?.title ?? name}`}
                          onClick={() =>
                            setWanted({
                              title: titles.get(name)?.title ?? name,
                              dataClass: titles.get(name)?.class ?? 'personal',
                              subject: read.data.subjectId,
                              purpose,
                            })
                          }
                        >
                          <Text span visibleFrom="xs" inherit>
                            Ask
                          </Text>
                        </Button>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
          <Text size="sm" c="dimmed" role="status">
            {revealed === null
              ? ''
              : `Revealed for ${SHOWN_SECONDS} seconds; entry ${revealed.auditIndex} of the audit log.`}
          </Text>
        </Card>
      )}
      {breaking && read.data !== undefined && (
        <BreakGlass
          subject={read.data.subjectId}
          purpose={purpose}
          onClose={() => setBreaking(false)}
          onBroken={() => read.refetch()}
        />
      )}
      {wanted !== null && <AskAccess asked={wanted} onClose={() => setWanted(null)} />}
      {asking !== null && (
        <Reveal
          record={record}
          name={asking}
          title={titles.get(asking)?.title ?? asking}
          purpose={purpose}
          onClose={() => setAsking(null)}
          onRevealed={(next) => {
            setRevealed(next);
            setAsking(null);
          }}
        />
      )}
    </Stack>
  );
}

/** The title of a collection names all of them, Customers say; its name is of one. */
const oneOf = ({ name }: { name: string }): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

function Reveal({
  record,
  name,
  title,
  purpose,
  onClose,
  onRevealed,
}: {
  record: string;
  name: string;
  title: string;
  purpose: string;
  onClose: () => void;
  onRevealed: (revealed: Revealed) => void;
}) {
  const purposeOf = usePurposes();
  const [reason, setReason] = useState('');
  const read = useMutation({
    mutationFn: () => room.records.get(record, { purpose, fields: [name], reason }),
    onSuccess: ({ fields, auditIndex = null }) => onRevealed({ name, field: fields[name] as Field, auditIndex }),
  });
  return (
    <Dialog
      title={`Reveal ${title}`}
      sending={read}
      does="Reveal"
      onSend={() => read.mutate()}
      ready={isReason(reason)}
      onClose={onClose}
    >
      <Text size="sm">
        The purpose is <b>{purposeOf(purpose)}</b>. Your reason is kept in the audit log, sealed under this
        customer&rsquo;s key; the customer can read it.
      </Text>
      <WhyNeeded reason={reason} onChange={setReason} />
    </Dialog>
  );
}
