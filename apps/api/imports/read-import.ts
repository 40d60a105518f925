import { createHash } from 'node:crypto';
import type { CallKey } from '#libs/platform/idempotency';
import {
  bodyOfLine,
  columnsOf,
  faultOfField,
  neededColumns,
  readCsv,
  type CsvFault,
  type Import,
  type ImportedLine,
} from '#libs/requests';
import { UnsupportedMediaType } from '../http/http.errors.js';
import { checkFields } from '../http/validation.js';
import { SUBMISSIONS, type SubmissionDto } from '../requests/submissions.js';
import type { ImportQuery } from './import.query.js';

/** A file's lines as requests, each checked as a body sent by itself would be. Throws `CsvUnreadable`. */
export async function readImport(file: unknown, { type, takeGood }: ImportQuery): Promise<Import> {
  if (typeof file !== 'string') throw new UnsupportedMediaType('Send the file as text/csv.');
  const table = readCsv(file, columnsOf(type), neededColumns(type));
  const lines: ImportedLine[] = [];
  const faults: CsvFault[] = [...table.faults];
  for (const line of table.lines) {
    const checked = await checkFields<SubmissionDto>(bodyOfLine(type, line), SUBMISSIONS[type]);
    if ('body' in checked) lines.push({ line: line.line, submission: checked.body.toSubmission() });
    else faults.push(...checked.errors.map((error) => faultOfField(type, line.line, error)));
  }
  return { type, lines, faults, takesGood: takeGood === 'true' };
}

/** The call with what its query asks for: the same file as another type is another call. */
export function callOf(call: CallKey, { type, takeGood = 'false' }: ImportQuery): CallKey {
  const fingerprint = createHash('sha256').update(call.fingerprint).update(`${type} ${takeGood}`).digest();
  return { ...call, fingerprint };
}
