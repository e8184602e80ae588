/** Events in OCSF as a table; the whole of one on demand. */
import { Badge, Button, Code, Drawer, Table, Text, VisuallyHidden } from '@mantine/core';
import type { TrafficEvents } from '@strongroom/sdk';
import { useState } from 'react';

import { Wide } from '../../ui/wide.tsx';
import { usePurposes } from '../purposes.ts';
import { When } from '../when.tsx';

type Event = TrafficEvents['events'][number];
/** What of an event the table shows; it came over the wire, and any of it may be missing. */
export type Seen = Readonly<{
  time?: number;
  status_id?: number;
  src_endpoint?: Readonly<{ ip?: string }>;
  http_request?: Readonly<{ http_method?: string; url?: Readonly<{ path?: string }> }>;
  http_response?: Readonly<{ code?: number }>;
  query?: Readonly<{ hostname?: string }>;
  api?: Readonly<{ operation?: string }>;
  finding_info?: Readonly<{ title?: string }>;
  metadata?: Readonly<{ uid?: string; log_name?: string }>;
  strongroom?: Readonly<{ action?: string; subjects?: number; purpose?: string }>;
}>;

const what = ({ strongroom, finding_info, http_request, query, api }: Seen): string =>
  strongroom?.action ??
  finding_info?.title ??
  (http_request === undefined
    ? (query?.hostname ?? api?.operation ?? 'connection')
    : `${http_request.http_method ?? ''} ${http_request.url?.path ?? ''}`);

export function Events({ events, label }: { events: readonly Event[]; label: string }) {
  const [open, setOpen] = useState<Event | null>(null);
  const purposeOf = usePurposes();
  return (
    <>
      <Wide label={label} minWidth={680} stacks>
        <Table verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {['When', 'What', 'From', 'Outcome', 'Customers', ''].map((each) => (
                <Table.Th key={each}>{each === '' ? <VisuallyHidden>Whole event</VisuallyHidden> : each}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(events as readonly Seen[]).map((event, n) => (
              <Table.Tr key={event.metadata?.uid ?? n}>
                <Table.Td>
                  <When at={event.time === undefined ? null : new Date(event.time).toISOString()} />
                </Table.Td>
                <Table.Td>
                  {what(event)}
                  {event.strongroom?.purpose !== undefined && (
                    <Text size="xs" c="dimmed">
                      {purposeOf(event.strongroom.purpose)}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>{event.src_endpoint?.ip ?? '–'}</Table.Td>
                <Table.Td>
                  {event.status_id === 2 ? (
                    <Badge size="sm" variant="light" color="red">
                      failed {event.http_response?.code ?? ''}
                    </Badge>
                  ) : (
                    (event.http_response?.code ?? '–')
                  )}
                </Table.Td>
                <Table.Td>{event.strongroom?.subjects ?? '–'}</Table.Td>
                <Table.Td ta="right">
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    aria-label={`Show whole event ${n + 1}`}
                    onClick={() => setOpen(events[n] ?? null)}
                  >
                    Show
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        position="right"
        size="lg"
        title="One event, in OCSF"
      >
        <Code block className="wrap" tabIndex={0} aria-label="the event">
          {JSON.stringify(open, null, 2)}
        </Code>
      </Drawer>
    </>
  );
}
