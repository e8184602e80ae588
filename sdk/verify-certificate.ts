/** Checks a certificate of retention anywhere, without asking anybody: the log's key signed exactly this text. */
import { noteRefused, openSignedNote, readNote } from './signed-note.ts';

export type Certificate = Readonly<{
  origin: string;
  run: string;
  /** `as-of`, `rules`, `plan`, … by name. */
  lines: Readonly<Record<string, string>>;
  counts: Readonly<Record<string, number>>;
}>;

const FIRST_LINE = 'strongroom/retention-certificate/1';
const refused = noteRefused('do not rely on this certificate; tell whoever audits the log');

/**
 * @param verifierKey as `strongroom audit key` prints it; have it from elsewhere than the certificate
 * @throws SDK_PROOF_REFUSED, saying what does not fit
 */
export async function verifyCertificate(certificate: string, verifierKey: string): Promise<Certificate> {
  const [first, second = ''] = readNote(certificate, refused).text.split('\n');
  if (first !== FIRST_LINE || !second.startsWith('origin ')) throw refused('this is no certificate of retention');
  const origin = second.slice('origin '.length);
  const text = await openSignedNote(certificate, verifierKey, origin, refused);
  const lines: Record<string, string> = {};
  const counts: Record<string, number> = {};
  for (const line of text.trimEnd().split('\n').slice(1)) {
    const [name = '', ...rest] = line.split(' ');
    if (name === 'count') counts[rest[0] ?? ''] = Number(rest[1]);
    else lines[name] = rest.join(' ');
  }
  return { origin, run: lines.run ?? '', lines, counts };
}
