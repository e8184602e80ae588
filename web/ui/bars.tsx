/** Numbers side by side, as bars with their figures in text: nothing is told by length or colour alone. */
import { Box, Group, Stack, Text } from '@mantine/core';

export type Bar = Readonly<{ label: string; value: number; color?: string }>;

/** @param of what a whole bar is, as 100 of a percentage; left out, the largest is whole */
export function Bars({ label, unit, bars, of }: { label: string; unit: string; bars: readonly Bar[]; of?: number }) {
  const most = of ?? Math.max(1, ...bars.map(({ value }) => value));
  return (
    <Stack gap={6} role="list" aria-label={label}>
      {bars.map((bar) => (
        <Group key={bar.label} gap="sm" wrap="nowrap" role="listitem">
          <Text size="sm" w={92} style={{ flexShrink: 0 }}>
            {bar.label}
          </Text>
          <Box flex={1} bg="var(--mantine-color-default-border)" h={14} style={{ borderRadius: 4 }} aria-hidden>
            <Box
              h={14}
              w={`${(bar.value / most) * 100}%`}
              bg={bar.color ?? 'var(--mantine-primary-color-filled)'}
              style={{ borderRadius: 4, minWidth: bar.value > 0 ? 4 : 0 }}
            />
          </Box>
          <Text size="sm" w={92} ta="right" style={{ flexShrink: 0 }}>
            {bar.value} {bar.value === 1 ? one(unit) : unit}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}

const one = (unit: string): string => (unit === 'people' ? 'person' : unit.replace(/s$/, ''));
