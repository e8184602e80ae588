/** Which ends of a flow are joined, and by how much: those that share fields, by as many as they share. */
export type FlowEnd = Readonly<{ label: string; fields: readonly string[] }>;
export type Band = Readonly<{ from: number; to: number; weight: number }>;

export const bandsOf = (from: readonly FlowEnd[], to: readonly FlowEnd[]): readonly Band[] =>
  from.flatMap((one, a) =>
    to.flatMap((other, b) => {
      const weight = one.fields.filter((field) => other.fields.includes(field)).length;
      return weight === 0 ? [] : [{ from: a, to: b, weight }];
    }),
  );
