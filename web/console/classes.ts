/** Classes of data, from the one that anybody may know to the one that hurts most. */
export const CLASSES = ['public', 'internal', 'personal', 'sensitive', 'special'] as const;
