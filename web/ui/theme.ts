/** The look that console and center share. Colours keep 4.5:1 for text on both schemes (WCAG 2.2, 1.4.3). */
import { Alert, Badge, createTheme, Drawer, FileInput, Modal, Timeline, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#e6f6f6', '#d0e8e8', '#a2d1d1', '#71b9b9', '#49a5a6', '#2f9899', '#1f9192', '#0e7e80', '#006f71', '#0b5d5e',
]; // prettier-ignore

/** A title may take two lines on a phone; it weighs what headings of cards do. */
const TITLED = { title: { lineHeight: 1.3, fontWeight: 700 } };

export const theme = createTheme({
  colors: { teal },
  primaryColor: 'teal',
  primaryShade: { light: 9, dark: 7 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  cursorType: 'pointer',
  focusRing: 'always',
  respectReducedMotion: true,
  components: {
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } }, styles: TITLED }),
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } }, styles: TITLED }),
    // what stands in one is written as it is meant, and is read so
    Badge: Badge.extend({ styles: { label: { textTransform: 'none' } } }),
    Timeline: Timeline.extend({ styles: { itemTitle: { lineHeight: 1.3, marginTop: '-0.15em' } } }),
    // empty, it would look like a field to type into
    FileInput: FileInput.extend({ defaultProps: { placeholder: 'Choose a file' } }),
    Alert: Alert.extend({ defaultProps: { closeButtonLabel: 'Close' } }),
  },
});
