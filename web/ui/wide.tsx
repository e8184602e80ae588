/** Something that may be wider than a phone: it scrolls by itself, by keyboard too (WCAG 2.2, 2.1.1). */
import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export function Wide({ label, minWidth, children }: { label: string; minWidth: number; children: ReactNode }) {
  return (
    <Table.ScrollContainer type="native" minWidth={minWidth} tabIndex={0} role="region" aria-label={label}>
      {children}
    </Table.ScrollContainer>
  );
}
