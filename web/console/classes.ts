/** Classes of data, from the one that anybody may know to the one that hurts most; each has one colour on all pages. */
export const CLASSES = ['public', 'internal', 'personal', 'sensitive', 'special'] as const;

export const CLASS_COLOURS: Readonly<Record<string, string>> = {
  public: 'gray', internal: 'blue', personal: 'teal', sensitive: 'orange', special: 'red',
}; // prettier-ignore
