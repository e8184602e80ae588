/** A day, as the reader's own calendar has it. @param day as 2026-12-27, or an instant */
export const dayOf = (day: string): string => new Date(day.length === 10 ? `${day}T12:00` : day).toLocaleDateString();

/** An instant as the reader's own clock has it; the machine's spelling goes with it. */
export const When = ({ at, none = 'never' }: { at: string | null; none?: string }) =>
  at === null ? <>{none}</> : <time dateTime={at}>{new Date(at).toLocaleString()}</time>;
/** To the minute. @param timeZone the reader's own, where it is left out */
export const minuteOf = (at: string, timeZone?: string): string =>
  new Date(at).toLocaleString(undefined, { timeZone, year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: '2-digit' }); // prettier-ignore
/** What the server writes into a text that is kept names minutes in UTC: here they are as everything else beside it. */
export const timesIn = (text: string): string =>
  text.replaceAll(/(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC/g, (_, day: string, minute: string) =>
    minuteOf(`${day}T${minute}Z`),
  );
/** The day alone, where the hour says nothing. */
export const Day = ({ at }: { at: string }) => <time dateTime={at}>{new Date(at).toLocaleDateString()}</time>;
/** The last day of something that ends with a day, as one says it: midnight belongs to the day before. */
export const LastDay = ({ at }: { at: string }) => (
  <time dateTime={at}>{new Date(Date.parse(at) - 1).toLocaleDateString()}</time>
);
